import { evaluate, type Evaluation, type Learner } from "../index.ts";
import type { HeldOutImages } from "./image-source.ts";
import { summary } from "./judge.ts";
import type { Protocol } from "./report-data.ts";
import type { Settings } from "./settings.ts";

type Shares = Pick<Protocol, "errors" | "intervals">;

/** The share of wrong answers, by the protocol that the model was trained by and by each that there is, as the library's `evaluate` gives it task by task. */
export function judgeImages(
  learner: Learner,
  heldOut: readonly HeldOutImages[],
  { steps, norm }: { steps: readonly number[]; norm: Settings["norm"] },
): Shares & { readonly protocols: readonly Protocol[] } {
  const all = heldOut.map(({ tasks }) => evaluate(learner, tasks, { steps: [...steps] }));
  function shares(pick: (each: Evaluation) => { readonly accuracy?: number }): Shares {
    const each = steps.map((_, s) =>
      summary(
        all.map((evaluations) => 1 - pick(evaluations[s]).accuracy!),
        "accuracy",
      ),
    );
    return {
      errors: each.map(({ error }) => error),
      intervals: each.map(({ interval }) => interval),
    };
  }
  const trained = norm === "support" ? "inductive" : "transductive";
  const known = (["inductive", "transductive"] as const).filter((name) => all[0][0][name]);
  const protocols = known.map((name) => ({
    name,
    own: name === trained,
    ...shares((each) => each[name]!),
  }));
  return { ...shares((each) => each), protocols };
}
