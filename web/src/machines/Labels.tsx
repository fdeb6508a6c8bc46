import { Label, LabelGroup } from '@patternfly/react-core';

export function Labels({ of }: { of: Record<string, string> }) {
  const entries = Object.entries(of);
  if (entries.length === 0) return <span className="mu-quiet">none</span>;
  return (
    <LabelGroup numLabels={3} aria-label="Labels">
      {entries.map(([key, value]) => <Label key={key} isCompact><bdi>{value ? `${key}=${value}` : key}</bdi></Label>)}
    </LabelGroup>
  );
}
