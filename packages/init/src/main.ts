import { run } from './run.js';

run(process.argv.slice(2), process.env).then((status) => {
  process.exitCode = status;
});
