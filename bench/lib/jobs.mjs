import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A job file like those that packages ship: about twenty lines, a script, conditions, limits. */
export const typicalJob = (number) => `# job-${number} - the usual things a service says
description "Service number ${number}"
author "The Maverick authors"

start on (local-filesystems and net-device-up IFACE!=lo) or started service-${number - 1}
stop on runlevel [!2345] or stopping service-${number - 1}

respawn
respawn limit 10 5
kill timeout 20
umask 022
limit nofile 1024 4096
env PORT=${8000 + (number % 1000)}
env OPTIONS="--verbose --name 'service ${number}'"
export PORT

pre-start script
    mkdir -p /run/service-${number}
    [ -r /etc/default/service-${number} ] && . /etc/default/service-${number}
    exit 0
end script

exec /usr/sbin/service-${number} --port $PORT $OPTIONS
`;

/** A job that does nothing but run, from the event `go` on. */
export const sleepingJob = () => 'start on go\nconsole none\nexec /bin/sleep 300\n';

/** Write COUNT job files into a folder of their own below `directory`. Returns the folder. */
export const writeJobs = (directory, count, text) => {
  const confDir = join(directory, `jobs-${count}`);
  mkdirSync(confDir);
  for (let number = 1; number <= count; number++) {
    writeFileSync(join(confDir, `job-${String(number).padStart(4, '0')}.conf`), text(number));
  }
  return confDir;
};
