import { keepYoungHeapSmall } from './heap.js';
import { run } from './run.js';

keepYoungHeapSmall();
process.exitCode = await run(process.argv.slice(2), process.env);
