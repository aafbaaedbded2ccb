import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { helpText } from '../src/help.js';

test('the README lists the options as --help does', () => {
  const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
  expect(readme).toContain(`\`\`\`text\n${helpText()}\`\`\`\n`);
});
