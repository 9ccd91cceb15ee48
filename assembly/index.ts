export { gemm } from "./gemm";
export { lowRankGradient, lowRankSum, lowRankTangent } from "./low-rank";
export { gradient, gradientTangent, loss, predict, pullback, workspaceFloats } from "./network";
export { adamStep, sgdStep } from "./optimizer";
export { axpy, combine, copy, dot, fill, hadamard, multiple, offset, product, quotient, root, sum } from "./vector";
export { sigmoidRun, tanhRun } from "./vector-math";
export { heapBase } from "./heap";
