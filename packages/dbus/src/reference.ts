/** What the interfaces have and mean, as data: for documentation and tools. */
export { ERRORS } from './error-notes.js';
export { type DescribedInterface, type DescribedMember, INTERFACES } from './interface-notes.js';
