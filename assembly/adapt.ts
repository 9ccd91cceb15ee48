/** The core of `rvml/adapt`: what it takes to adapt and to predict, to the same bits as the whole one. */
export { gradient, predict, workspaceFloats } from "./network";
export { adamStep, sgdStep } from "./optimizer";
export { axpy, combine, copy, dot, fill, hadamard, multiple, offset, sum } from "./vector";
export { heapBase } from "./heap";
