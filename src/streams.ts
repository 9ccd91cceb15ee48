/** Which fork of a learner's seed serves for what, so that no two uses ever share a random number. */
export const INITIALIZATION = 0;
/** Task i of meta-step t is drawn from fork(TASKS).fork(t, i). */
export const TASKS = 1;
/** Task i of an evaluation is drawn from fork(EVALUATION).fork(i). */
export const EVALUATION = 2;
