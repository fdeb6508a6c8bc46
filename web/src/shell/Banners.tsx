import { Banner, Button } from '@patternfly/react-core';
import UnlinkIcon from '@patternfly/react-icons/dist/esm/icons/unlink-icon';
import { useEffect, useRef, useState } from 'react';
import { tryNow, useConnection } from '../api/live';
import { client } from '../api/queries';
import { useNow } from '../ui/clock';
import { exact, relative } from '../ui/time';

/** What concerns every page. A blink of the network is not worth a banner; four seconds are. */
export function Banners() {
  const { connection, since } = useConnection();
  const now = useNow();
  const [shown, setShown] = useState(false);
  const wasLost = useRef(false);

  useEffect(() => {
    if (connection === 'live') {
      setShown(false);
      // What happened meanwhile may be more than the stream remembers.
      if (wasLost.current) void client.invalidateQueries();
      wasLost.current = false;
      return;
    }
    if (connection !== 'lost') return;
    wasLost.current = true;
    const timer = setTimeout(() => setShown(true), 4000);
    return () => clearTimeout(timer);
  }, [connection]);

  return (
    <div role="status">
      {shown && connection === 'lost' && (
        <Banner status="warning" screenReaderText="Warning" isSticky>
          <span className="mu-banner">
            <UnlinkIcon />
            <span>
              No connection to the server since <time title={exact(new Date(since))}>{relative(new Date(since), now)}</time>: what you see may be old. Trying again.
            </span>
            <Button variant="link" isInline onClick={() => (tryNow(), void client.refetchQueries({ type: 'active' }))}>Try now</Button>
          </span>
        </Banner>
      )}
      {connection === 'refused' && (
        <Banner status="info" screenReaderText="Information">
          <span className="mu-banner">These pages are not live: you may not follow what happens here (Events.Stream). They ask again every half minute.</span>
        </Banner>
      )}
    </div>
  );
}
