import { answerPlainly, type Call, demand, notSupported } from './call.js';
import type { MethodTable } from './implementation.js';
import type { INIT1 } from './interfaces.js';
import type { ConfirmModel, StartAnswer } from './model.js';

/** What a start that waits can be answered. */
const ANSWERS = { yes: true, no: true, always: true, quit: true } as const satisfies Record<StartAnswer, true>;

const isAnswer = (text: string): text is StartAnswer => Object.hasOwn(ANSWERS, text);

const modelOf = ({ model }: Call, member: string): ConfirmModel => {
  if (!model.confirm) throw notSupported(member);
  return model.confirm;
};

/** The methods about starts that are to be confirmed. */
export const confirmMethods: Pick<
  MethodTable<typeof INIT1, Call>,
  'ConfirmStarts' | 'AnswerStart' | 'Confirming' | 'HeldStarts'
> = {
  ConfirmStarts: (call, [on, jobs, timeout], answer) =>
    modelOf(call, 'ConfirmStarts').set(on, jobs, timeout, answerPlainly(answer)),
  AnswerStart: (call, [job, instance, text], answer) => {
    if (!isAnswer(text)) return demand(false, 'InvalidArgs', `Expected ${Object.keys(ANSWERS).join(', ')}`);
    modelOf(call, 'AnswerStart').answer(job, instance, text, answerPlainly(answer));
  },
  Confirming: (call, _, answer) => {
    const state = modelOf(call, 'Confirming').state();
    answer(state !== undefined, [...(state?.jobs ?? [])], [...(state?.always ?? [])], state?.timeoutMs ?? 0);
  },
  HeldStarts: (call, _, answer) =>
    answer(
      modelOf(call, 'HeldStarts')
        .held()
        .map(
          ({ job, instance, reason, remainingMs = 0 }) => [job, instance, [...reason], Math.ceil(remainingMs)] as const,
        ),
    ),
};
