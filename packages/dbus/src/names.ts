/** The syntax of names on the wire. @see D-Bus specification, "Valid Names" and "Valid Object Paths" */

const MAX_NAME = 255;
const INTERFACE = /^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+$/;
const MEMBER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const UNIQUE_NAME = /^:[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+$/;
const WELL_KNOWN_NAME = /^[A-Za-z_-][A-Za-z0-9_-]*(?:\.[A-Za-z_-][A-Za-z0-9_-]*)+$/;
const OBJECT_PATH = /^(?:\/|(?:\/[A-Za-z0-9_]+)+)$/;

/** Error names have the syntax of interface names. */
export const isInterfaceName = (name: string): boolean => name.length <= MAX_NAME && INTERFACE.test(name);
export const isMemberName = (name: string): boolean => name.length <= MAX_NAME && MEMBER.test(name);
export const isWellKnownName = (name: string): boolean => name.length <= MAX_NAME && WELL_KNOWN_NAME.test(name);
export const isBusName = (name: string): boolean =>
  name.length <= MAX_NAME && (UNIQUE_NAME.test(name) || WELL_KNOWN_NAME.test(name));
export const isObjectPath = (path: string): boolean => OBJECT_PATH.test(path);
