import { Alert, Button, Skeleton } from '@patternfly/react-core';
import { useQuery } from '@tanstack/react-query';
import { address, readText } from '../api/client';
import { escapePath, pathArgument } from '../api/paths';
import type { PathBytes } from '../api/types';
import { Failure } from '../ui/Failure';
import { bytes as size } from '../ui/format';
import { asText, hexLines } from './content';

const most = 512 * 1024;
// A line of bytes is five times as wide as they are.
const mostBytes = 16 * 1024;

export async function readFile(image: string, path: PathBytes, signal: AbortSignal): Promise<{ bytes: Uint8Array; whole: boolean }> {
  const response = await readText('images/file', { image, path: pathArgument(path) }, signal);
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  let length = 0;
  // A file may be any size; what is shown is its beginning.
  while (reader && length < most) {
    const { done, value } = await reader.read();
    if (done) return { bytes: joined(parts, length), whole: true };
    parts.push(value);
    length += value.length;
  }
  await reader?.cancel();
  return { bytes: joined(parts, length).subarray(0, most), whole: false };
}

function joined(parts: Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A file as text with line numbers, or as bytes where it is not text. */
export function FileView({ image, path }: { image: string; path: PathBytes }) {
  const file = useQuery({
    queryKey: ['file', image, escapePath(path)],
    queryFn: ({ signal }) => readFile(image, path, signal),
    staleTime: Infinity,
    gcTime: 60_000,
  });
  if (file.isPending) return <div className="mu-stack" aria-busy>{[60, 80, 40, 70].map((w) => <Skeleton key={w} width={`${w}%`} screenreaderText={w === 60 ? 'Loading' : ''} />)}</div>;
  if (file.isError) return <Failure what={escapePath(path)} error={file.error} retry={() => void file.refetch()} />;
  const { bytes, whole } = file.data;
  const text = asText(bytes, whole);
  const lines = text === null ? hexLines(bytes.subarray(0, mostBytes)) : text.split('\n');
  if (lines.length > 1 && lines.at(-1) === '') lines.pop();
  return (
    <div className="mu-stack">
      <div className="mu-row mu-row-start">
        <span className="mu-quiet">{text === null ? 'Not text: shown as bytes' : `${lines.length} lines`}{whole ? `, ${size(bytes.length)}` : ''}</span>
        <Button variant="link" component="a" href={address('images/file', { image, path: pathArgument(path) })} download className="mu-push">Download</Button>
      </div>
      {bytes.length === 0 && <p className="mu-quiet">The file is empty.</p>}
      {bytes.length > 0 && (
        <pre className="mu-code" tabIndex={0} aria-label={escapePath(path)}>
          {lines.map((line, index) => <span key={index} className={text === null ? 'mu-hex' : 'mu-line'}>{`${line}\n`}</span>)}
        </pre>
      )}
      {(!whole || (text === null && bytes.length > mostBytes)) && <Alert component="p" variant="info" isInline isPlain title={`Only the first ${size(text === null ? mostBytes : most)} are shown. Download it to see all.`} />}
    </div>
  );
}
