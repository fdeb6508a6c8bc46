import { Button, SearchInput, Skeleton, Switch } from '@patternfly/react-core';
import DownloadIcon from '@patternfly/react-icons/dist/esm/icons/download-icon';
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useLayoutEffect, useMemo, useRef, useState, type UIEvent } from 'react';
import type { TaskStep } from '../api/types';
import { Failure } from '../ui/Failure';
import { plural } from '../ui/format';
import { save } from '../ui/list/exporting';
import { logRows, logText, matching } from './log';
import { LogLine } from './LogLine';
import { useLog } from './useLog';

// So near to its end that one means to be there.
const nearEnd = 24;

/** What a task says, live. Only the lines in view exist, so that thousands are as quick as ten. */
export function TaskLog({ task, steps, known, isLive }: { task: string; steps: readonly TaskStep[]; known: number; isLive: boolean }) {
  const { lines, error, isBehind, retry } = useLog(task, known);
  const rows = useMemo(() => logRows(lines, steps), [lines, steps]);
  const [follows, setFollows] = useState(isLive);
  const [wraps, setWraps] = useState(true);
  const [searched, setSearched] = useState('');
  const found = useMemo(() => matching(rows, searched.trim()), [rows, searched]);
  const [at, setAt] = useState(0);
  const box = useRef<HTMLDivElement>(null);
  const top = useRef(0);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => box.current,
    estimateSize: () => 22,
    overscan: 20,
    initialRect: { width: 1000, height: 400 },
  });
  const height = virtual.getTotalSize();

  useLayoutEffect(() => {
    if (follows && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [follows, rows.length, height]);

  // Another width of its lines is another height of each.
  useEffect(() => virtual.measure(), [virtual, wraps]);

  const scrolled = (event: UIEvent<HTMLElement>) => {
    const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
    const isAtEnd = scrollHeight - scrollTop - clientHeight < nearEnd;
    if (isAtEnd) setFollows(isLive);
    else if (scrollTop < top.current) setFollows(false);
    top.current = scrollTop;
  };

  const go = (to: number, among = found) => {
    if (among.length === 0) return;
    const place = (to + among.length) % among.length;
    setAt(place);
    setFollows(false);
    virtual.scrollToIndex(among[place] as number, { align: 'center' });
  };
  const search = (text: string) => {
    setSearched(text);
    setAt(0);
    go(0, matching(rows, text.trim()));
  };

  if (error !== null && lines.length === 0) return <Failure what="the log" error={error} retry={retry} />;
  if (lines.length === 0) {
    return isBehind
      ? <div className="mu-stack" aria-busy>{[60, 75, 50].map((width) => <Skeleton key={width} width={`${width}%`} screenreaderText={width === 60 ? 'Loading' : ''} />)}</div>
      : <p className="mu-quiet">{isLive ? 'Nothing said yet.' : 'It said nothing.'}</p>;
  }
  return (
    <>
      <div className="mu-row mu-row-start mu-log-tools">
        <SearchInput
          className="mu-log-search"
          aria-label="Search the log"
          placeholder="Search the log"
          value={searched}
          onChange={(_, text) => search(text)}
          onClear={() => search('')}
          onKeyDown={(e) => e.key === 'Enter' && (e.preventDefault(), go(e.shiftKey ? at - 1 : at + 1))}
          {...(searched ? { resultsCount: found.length > 0 ? `${at + 1} / ${found.length}` : '0', onNextClick: () => go(at + 1), onPreviousClick: () => go(at - 1), isNextNavigationButtonDisabled: found.length < 2, isPreviousNavigationButtonDisabled: found.length < 2 } : {})}
        />
        {isLive && <Switch id="log-follow" label="Follow" isChecked={follows} onChange={(_, on) => setFollows(on)} />}
        <Switch id="log-wrap" label="Wrap" isChecked={wraps} onChange={(_, on) => setWraps(on)} />
        <span className="mu-push mu-quiet mu-nowrap">{plural(known, 'line')}</span>
        <Button variant="link" icon={<DownloadIcon />} isDisabled={isBehind && !isLive} onClick={() => save(`${task}.txt`, 'text/plain', logText(lines, steps))}>Download</Button>
      </div>
      {error !== null && <Failure title="The rest of the log cannot be shown" error={error} retry={retry} />}
      <div ref={box} className={wraps ? 'mu-log mu-log-wraps' : 'mu-log'} onScroll={scrolled} role="log" aria-live="off" aria-label="Log" tabIndex={0}>
        <div style={{ height }}>
          {virtual.getVirtualItems().map((item) => (
            <div key={item.key} ref={virtual.measureElement} data-index={item.index} className="mu-log-row" style={{ transform: `translateY(${item.start}px)` }}>
              <LogLine row={rows[item.index]} searched={searched.trim()} isMarked={found[at] === item.index} />
            </div>
          ))}
        </div>
      </div>
    </>
  );
}
