import { observeAnswers } from './observe-answers.ts';
import { runAsChild } from './run-as-child.ts';

runAsChild({ work: observeAnswers });
