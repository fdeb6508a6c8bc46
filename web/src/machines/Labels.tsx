import { Label, LabelGroup } from '@patternfly/react-core';
import { Link } from 'react-router';

/** Each label leads to the machines that have it. */
export function Labels({ of }: { of: Record<string, string> }) {
  const entries = Object.entries(of);
  if (entries.length === 0) return <span className="mu-quiet">none</span>;
  return (
    <LabelGroup numLabels={3} aria-label="Labels">
      {entries.map(([key, value]) => {
        const text = `${key}=${value}`;
        return (
          <Label key={key} isCompact render={({ className, content, componentRef }) => <Link to={`/machines?labels=${encodeURIComponent(text)}`} className={className} ref={componentRef}>{content}</Link>}>
            <bdi>{text}</bdi>
          </Label>
        );
      })}
    </LabelGroup>
  );
}
