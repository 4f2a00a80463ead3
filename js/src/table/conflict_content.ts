/** What the box beside a cell says of its conflicts, and what it offers. */
import type { Conflict } from '../sync/conflicts.ts';
import type { BoxContent, Choice, Side } from './conflict_box.ts';
import { KEPT_TEXT, ownerOf, type WhoIs } from './conflict_text.ts';
import { type MaybeCell, sameCell } from './values.ts';

export interface BoxSubject {
  readonly row: string;
  readonly column: string;
  /** What the cell holds now. */
  readonly cell: MaybeCell;
  readonly conflicts: readonly Conflict[];
  readonly whoIs: WhoIs;
  readonly isReadOnly: boolean;
}

export interface BoxActions {
  putBack(cell: MaybeCell): void;
  keep(): void;
  deleteRow(): void;
}

export const boxContent = (subject: BoxSubject, actions: BoxActions): BoxContent => {
  const { row, column, conflicts, isReadOnly } = subject;
  const lost = conflicts.filter(({ loser }) => loser.client !== null);
  const kept = conflicts.find(({ loser }) => loser.client === null);
  const isKept = kept !== undefined;
  return {
    title: lost.length > 0 ? 'Two sides changed this cell' : 'The row was deleted',
    label: `Conflict in ${column}, row ${row}`,
    text: isKept ? KEPT_TEXT : undefined,
    sides: sides(subject, kept === undefined || lost.length > 0 ? lost : [kept], actions),
    choices: isReadOnly ? [] : choices(isKept, actions),
  };
};

const sides = (
  { cell, whoIs, isReadOnly }: BoxSubject,
  conflicts: readonly Conflict[],
  actions: BoxActions,
): Side[] => {
  const won = conflicts.find(({ winner }) => sameCell(winner.value, cell));
  const owner = won ? ownerOf(won.winner.client, whoIs) : 'Changed since';
  const lost = conflicts.filter(({ loser }) => loser.client !== null);
  const overwritten = lost.map(({ loser }): Side => {
    const putBack = {
      action: 'put-back',
      label: 'Put back',
      run: () => actions.putBack(loser.value),
    };
    return {
      label: 'Overwritten',
      cell: loser.value,
      owner: ownerOf(loser.client ?? 0, whoIs),
      choice: isReadOnly ? undefined : putBack,
    };
  });
  return [{ label: lost.length > 0 ? 'Won' : 'Kept', cell, owner }, ...overwritten];
};

const choices = (isKept: boolean, { keep, deleteRow }: BoxActions): Choice[] => {
  const label = isKept ? 'Keep the edit' : 'Keep what won';
  const choice = { action: 'keep', label, run: keep };
  return isKept
    ? [choice, { action: 'delete-kept-row', label: 'Delete the row', run: deleteRow }]
    : [choice];
};
