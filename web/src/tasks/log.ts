import type { TaskLine, TaskStep } from '../api/types';

/** What stands on one line of the log as it is shown: what was said, or the step that begins to speak. */
export type LogRow = { line: TaskLine } | { step: string };

type Titles = readonly Pick<TaskStep, 'number' | 'title'>[];

const titleOf = (steps: Titles, number: number) => steps.find((step) => step.number === number)?.title;

/** The lines, with the title of a step wherever another one begins to speak. */
export function logRows(lines: readonly TaskLine[], steps: Titles): LogRow[] {
  const rows: LogRow[] = [];
  let speaks: number | null = null;
  for (const line of lines) {
    const title = line.step === speaks ? undefined : titleOf(steps, line.step);
    if (title) rows.push({ step: title });
    speaks = line.step;
    rows.push({ line });
  }
  return rows;
}

/** Which rows contain a text, whatever its case. */
export function matching(rows: readonly LogRow[], text: string): number[] {
  const wanted = text.toLowerCase();
  if (!wanted) return [];
  return rows.flatMap((row, index) => ('line' in row && row.line.text.toLowerCase().includes(wanted) ? [index] : []));
}

/** A line cut at what was searched for: every second part is it. */
export function parts(text: string, searched: string): string[] {
  if (!searched) return [text];
  const [folded, wanted] = [text.toLowerCase(), searched.toLowerCase()];
  // A few letters change their length with their case; then places do not fit, and nothing is marked.
  if (folded.length !== text.length) return [text];
  const found: string[] = [];
  let from = 0;
  for (let at = folded.indexOf(wanted); at >= 0; at = folded.indexOf(wanted, from)) {
    found.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return [...found, text.slice(from)];
}

/** The log as a file: one line each, the time in UTC first. */
export function logText(lines: readonly TaskLine[], steps: Titles): string {
  return lines.map((line) => `${line.time} ${line.level.padEnd(7)} ${titleOf(steps, line.step) ?? line.step}: ${line.text}\n`).join('');
}
