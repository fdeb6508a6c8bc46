import { Modal, ModalBody, ModalHeader } from '@patternfly/react-core';
import { useEffect, useState } from 'react';
import { useNavigate } from 'react-router';
import { toggleExactTimes } from '../ui/exactly';

const places: Record<string, [string, string]> = {
  o: ['/', 'Overview'],
  m: ['/machines', 'Machines'],
  i: ['/images', 'Images'],
  k: ['/tasks', 'Tasks'],
  d: ['/drift', 'Drift'],
  c: ['/conditions', 'Conditions'],
  t: ['/tokens', 'API tokens'],
};

const others: [string, string][] = [
  ['/', 'Search everything'],
  ['f', 'Filter this list'],
  ['j', 'Next row'],
  ['k', 'Row before'],
  ['Enter', 'Open the row'],
  ['x', 'Exact times, or ages'],
  ['Esc', 'Close what is open'],
  ['?', 'This help'],
];

const asked = new EventTarget();
export const showShortcuts = () => asked.dispatchEvent(new Event('show'));

/** Keys that work everywhere except where someone is typing. */
export function Shortcuts() {
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();

  useEffect(() => {
    const show = () => setOpen(true);
    asked.addEventListener('show', show);
    let going = 0;
    const pressed = (e: KeyboardEvent) => {
      const at = e.target as HTMLElement;
      if (e.ctrlKey || e.metaKey || e.altKey || at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName)) return;
      const dialog = document.querySelector('[role=dialog]') !== null;
      if (e.key === '?') show();
      else if (dialog) return;
      else if (e.timeStamp - going < 1500 && places[e.key]) void navigate((places[e.key] as [string, string])[0]);
      else if (e.key === 'g') {
        going = e.timeStamp;
        return;
      } else if (e.key === '/' || e.key === 'f') focusOn(`[data-shortcut="${e.key}"]`);
      else if (e.key === 'j' || e.key === 'k') step(e.key === 'j' ? 1 : -1);
      else if (e.key === 'x') toggleExactTimes();
      else return;
      going = 0;
      e.preventDefault();
    };
    document.addEventListener('keydown', pressed);
    return () => {
      document.removeEventListener('keydown', pressed);
      asked.removeEventListener('show', show);
    };
  }, [navigate]);

  return (
    <Modal isOpen={open} variant="small" onClose={() => setOpen(false)} aria-labelledby="shortcuts">
      <ModalHeader title="Keyboard shortcuts" labelId="shortcuts" />
      <ModalBody>
        <dl className="mu-shortcuts">
          {others.map(([key, does]) => <Shortcut key={key} keys={[key]} does={does} />)}
          {Object.entries(places).map(([key, [, title]]) => <Shortcut key={key} keys={['g', key]} does={`Go to ${title}`} />)}
        </dl>
      </ModalBody>
    </Modal>
  );
}

function Shortcut({ keys, does }: { keys: string[]; does: string }) {
  return (
    <div>
      <dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt>
      <dd>{does}</dd>
    </div>
  );
}

function focusOn(selector: string): void {
  const found = document.querySelector<HTMLElement>(selector);
  const input = found?.matches('input') ? found : found?.querySelector<HTMLElement>('input');
  input?.focus();
}

/** Moves the focus from row to row of a table, by the link that names each. */
function step(by: number): void {
  const links = [...document.querySelectorAll<HTMLElement>('.mu-table tbody tr a, .mu-table tbody tr button[data-row]')]
    .filter((link, index, all) => all.findIndex((other) => other.closest('tr') === link.closest('tr')) === index);
  const row = document.activeElement?.closest('tr');
  const at = links.findIndex((link) => link.closest('tr') === row);
  const next = links[at < 0 ? (by > 0 ? 0 : links.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: 'nearest' });
}
