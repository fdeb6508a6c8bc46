import { covers } from '../api/queries';
import type { Me } from '../api/types';
import { toggleExactTimes } from '../ui/exactly';
import { setTheme } from './theme';
import { showShortcuts } from './Shortcuts';

export interface Command {
  title: string;
  /** Found by these too. */
  words?: string;
  /** Offered to those who may. */
  operation?: string;
  /** Where it happens; or what happens at once. */
  to?: string;
  run?: () => void;
}

/** What can be done from the search box, by name. */
const commands: Command[] = [
  { title: 'Join a machine', words: 'invite add', operation: 'Machines.Invite', to: '/machines?join=' },
  { title: 'Require an image on machines', operation: 'Machines.RequireImage', to: '/machines' },
  { title: 'Delete images that no machine requires', operation: 'Images.Delete', to: '/images?required=no' },
  { title: 'Verify an image', words: 'check damaged store', operation: 'Images.Verify', to: '/images' },
  { title: 'Make a token', words: 'add API', operation: 'Tokens.Add', to: '/tokens?add=' },
  { title: 'Change password', to: '/?password=' },
  { title: 'Go to the overview', words: 'board', to: '/' },
  { title: 'Go to machines', operation: 'Machines.List', to: '/machines' },
  { title: 'Go to images', operation: 'Images.List', to: '/images' },
  { title: 'Go to tasks', words: 'work running', operation: 'Tasks.List', to: '/tasks' },
  { title: 'Go to drift', operation: 'Machines.Drift', to: '/drift' },
  { title: 'Go to conditions', words: 'troubles', operation: 'Conditions.List', to: '/conditions' },
  { title: 'Go to API tokens', operation: 'Tokens.List', to: '/tokens' },
  { title: 'Exact times, or ages', words: 'clock zone', run: toggleExactTimes },
  { title: 'Appearance: light', words: 'theme', run: () => setTheme('light') },
  { title: 'Appearance: dark', words: 'theme', run: () => setTheme('dark') },
  { title: 'Appearance: as the system', words: 'theme', run: () => setTheme('auto') },
  { title: 'Keyboard shortcuts', words: 'help keys', run: showShortcuts },
];

/** Commands in whose title or words each typed word begins one. */
export function findCommands(text: string, me: Pick<Me, 'grants'>): Command[] {
  const typed = text.toLowerCase().split(/\s+/).filter(Boolean);
  return commands.filter((command) => {
    const words = `${command.title} ${command.words ?? ''}`.toLowerCase().split(/\W+/);
    return (!command.operation || covers(me.grants, command.operation)) && typed.every((one) => words.some((word) => word.startsWith(one)));
  });
}
