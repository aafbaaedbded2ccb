import { type Call, demand, notSupported } from './call.js';
import { DBusError } from './dbus-error.js';
import type { MethodTable } from './implementation.js';
import type { INIT1 } from './interfaces.js';

/** The methods about the files that the daemon holds open. */
export const fileMethods: Pick<MethodTable<typeof INIT1, Call>, 'ReleaseFiles' | 'ResumeFiles'> = {
  ReleaseFiles: ({ model }, [journal], answer) => {
    if (!model.releaseFiles) throw notSupported('ReleaseFiles');
    demand(journal === '' || journal.startsWith('/'), 'InvalidArgs', 'The directory of the journal must be absolute');
    model.releaseFiles(journal === '' ? undefined : journal, (result) => {
      if (result instanceof DBusError) answer.fail(result);
      else answer(result);
    });
  },
  ResumeFiles: ({ model }, _, answer) => {
    if (!model.resumeFiles) throw notSupported('ResumeFiles');
    model.resumeFiles((failure) => {
      if (failure === undefined) answer();
      else answer.fail(failure);
    });
  },
};
