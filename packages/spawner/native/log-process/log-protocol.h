/*
 * What the daemon and its log process say to each other over a SOCK_SEQPACKET socket: one message a packet, in the byte
 * order of the machine that both run on. src/log-protocol.ts is the other side; `log-process --protocol` prints the
 * numbers below, and a test holds the two against each other.
 *
 * Who connects sends HELLO first and is answered WELCOME, or REFUSED when the versions differ or another daemon is
 * connected; then nothing else is said. Requests are carried out in order. A message that makes no sense is ignored,
 * and the descriptors that came with it are closed.
 */
#ifndef MAVERICK_LOG_PROTOCOL_H
#define MAVERICK_LOG_PROTOCOL_H

#include <stdint.h>

/* Changes with every change of meaning or layout below. */
enum { LOG_PROTOCOL = 2 };

/* No message is longer: two paths, a job's name and what is around them. */
enum { LOG_MESSAGE_MAX = 12 * 1024, LOG_SOURCES_MAX = 2, LOG_DESCRIPTORS_MAX = 3 };

/* `log` and `number` are 0 where nothing is said of them. */
struct log_message {
  uint32_t kind;
  uint32_t log;    /* given by the daemon, never 0 */
  uint64_t number;
};

enum log_request {
  LOG_HELLO = 1, /* number: LOG_PROTOCOL */
  LOG_ADD,       /* log; struct log_add follows; with one or two descriptors to read from: stdout, stderr */
  LOG_DRAIN,     /* log, number: a token; write what is there to be read, and answer DRAINED */
  LOG_FLUSH,     /* write what is kept for files that could not be written */
  LOG_REOPEN,    /* open every file anew by its name at its next output */
  LOG_LIST,      /* LISTED for each log that is still open, then LIST_END */
  LOG_LEAVE,     /* write what is there, answer LEFT, and go on without a daemon while there is output to come */
  LOG_END,       /* write what is there, answer LEFT, and end */
  LOG_TRAY,      /* before the first ADD, with what TRAY_IS gave: what the log process before this one had read. Without
                    descriptors after the last ADD: nothing is read from a source before that, unless it is clear whose it is */
};

enum log_notice {
  LOG_WELCOME = 64, /* number: the log process's pid; log: why it can't listen at its address, an errno or 0 */
  LOG_REFUSED,      /* number: LOG_PROTOCOL of the log process; log: an errno, EPROTO or EBUSY */
  LOG_DRAINED,      /* log, number: the last token */
  LOG_ENDED,        /* log; nothing more will come of it, and the daemon may close its duplicates */
  LOG_REJECTED,     /* log, number: an errno; what LOG_ADD said can't be done */
  LOG_LISTED,       /* log; struct log_add follows, with its descriptors */
  LOG_LIST_END,
  LOG_LEFT,
  LOG_UNWRITABLE,   /* number: an errno; the path follows. What comes is kept in memory */
  LOG_DROPPED,      /* number: bytes lost because no more could be kept; the path follows */
  LOG_UNROTATED,    /* number: an errno; the path follows. The file grows on */
  LOG_TRAY_IS,      /* three descriptors to keep for TRAY: what is read and not written yet */
};

enum log_flag {
  LOG_JSON = 1, /* a JSON object a line in place of the bytes as they are */
};

/* The rest of LOG_ADD and LOG_LISTED: root, path and job follow without NULs or padding. */
struct log_add {
  uint64_t rotate_bytes; /* 0: the file is never put away */
  uint32_t rotate_keep;  /* how many files are kept beside the one that is written */
  uint32_t pid;          /* whose output it is; 0: nobody's */
  uint32_t flags;
  uint16_t root_length;  /* 0: the path is seen from the log process's own root */
  uint16_t path_length;
  uint16_t job_length;
  uint16_t first_source; /* what the first descriptor is: 0 standard output, 1 standard error */
  uint16_t unused[2];
};

#endif
