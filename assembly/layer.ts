/** Reading a layer's record. Every pass of every layer starts here. */
import { Field } from "./abi";

/** Bytes of a record. */
// @ts-ignore: decorator
@inline export const RECORD_BYTES: usize = <usize>Field.Length << 2;

/** One word of a record: a pointer or a count. */
// @ts-ignore: decorator
@inline
export function word(layer: usize, field: Field): usize {
  return load<usize>(layer + (<usize>field << 2));
}

/** The record before: whose output is this layer's input. */
// @ts-ignore: decorator
@inline
export function before(layer: usize): usize {
  return layer - RECORD_BYTES;
}

/** Elements in a row of the layer's output. */
// @ts-ignore: decorator
@inline
export function sizeOf(layer: usize): i32 {
  return <i32>word(layer, Field.Size);
}

/** Channels of the layer's output. */
// @ts-ignore: decorator
@inline
export function channelsOf(layer: usize): i32 {
  return <i32>word(layer, Field.Channels);
}
