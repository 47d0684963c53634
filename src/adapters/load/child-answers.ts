import type { AnswersChildPlan } from './child-plan.ts';
import { observeAnswers } from './observe-answers.ts';
import { runAsChild } from './run-as-child.ts';

// Only our own parent writes the plan, from the same build: the shape is the type.
runAsChild((text) => JSON.parse(text) as AnswersChildPlan, observeAnswers);
