/* A plan on its way to the helper program: as a file in memory, and with its descriptors under low numbers. */
#ifndef MAVERICK_PLAN_WIRE_H
#define MAVERICK_PLAN_WIRE_H

#include "plan.h"

/* Where the helper finds the plan's file and the pipe for its messages. */
enum { HELPER_PLAN_FD = 3, HELPER_REPORT_FD = 4, HELPER_FIRST_FD = 5 };

/*
 * The signal with which the daemon tells a keeper the process in which the job goes on, as the signal's value, or with 0
 * that there is none.
 */
#define KEEPER_SIGNAL SIGRTMIN

/*
 * Gives the plan's descriptors the numbers from HELPER_FIRST_FD on, and says which each was: what the helper is to be
 * passed beside the plan and the pipe. The caller frees `*passed`. False without memory.
 */
bool plan_number_descriptors(struct plan *plan, struct passed **passed, uint32_t *count);

/* Closes every descriptor of a plan. */
void plan_close_descriptors(struct plan *plan);

/* The plan as a file, close-on-exec. Or a negative errno. */
int plan_write(const struct plan *plan);

/* 0 or a negative errno: EPROTO when it was not written by this version. */
int plan_read(int fd, struct plan *plan);

/* Frees what plan_read has made, also after it has failed. */
void plan_free(struct plan *plan);

#endif
