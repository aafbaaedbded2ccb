import { run } from './run.js';

const [, path = '', ...words] = process.argv;

run(path, words, process.env).then((status) => {
  process.exitCode = status;
});
