// The one file that an old Node must be able to read: old syntax only, no imports.
var wanted = [20, 19];

/** Whether a Node version such as `20.19.0` is supported: 20.19 and every newer release line. */
function isSupportedNode(version) {
  var parts = version.split('.');
  var major = Number(parts[0]);
  return major > wanted[0] || (major === wanted[0] && Number(parts[1]) >= wanted[1]);
}

if (!isSupportedNode(process.versions.node)) {
  console.error(
    'Maverick needs Node.js ' +
      wanted.join('.') +
      ' or newer; this is ' +
      process.versions.node +
      '. Please install a newer one.',
  );
  process.exit(1);
}
