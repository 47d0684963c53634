import type { z } from 'zod';

/** A prompt, as data: one file each. */
export interface Prompt<Args extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly args: Args;
  text(args: z.output<Args>): string;
}

export interface AnyPrompt extends Omit<Prompt, 'text'> {
  text(args: unknown): string;
}

export function definePrompt<Args extends z.ZodObject>(prompt: Prompt<Args>): AnyPrompt {
  return { ...prompt, text: (args) => prompt.text(prompt.args.parse(args)) };
}
