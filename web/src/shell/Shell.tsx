import { Page, PageSidebar, PageSidebarBody, SkipToContent } from '@patternfly/react-core';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Outlet, useLocation, useNavigation } from 'react-router';
import type { Me } from '../api/types';
import { PlanHost } from '../plans/PlanHost';
import { Banners } from './Banners';
import { Navigation } from './Navigation';
import { Shortcuts } from './Shortcuts';
import { TopBar } from './TopBar';

const narrow = window.matchMedia('(max-width: 1199px)');

/** What stands around every page. */
export function Shell({ me }: { me: Me }) {
  const [open, setOpen] = useState(!narrow.matches);
  const { pathname } = useLocation();
  const navigation = useNavigation();

  useEffect(() => {
    const fold = () => setOpen(!narrow.matches);
    narrow.addEventListener('change', fold);
    return () => narrow.removeEventListener('change', fold);
  }, []);

  // Another page starts at its top, with the navigation out of the way and the reader told where it is.
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    if (narrow.matches) setOpen(false);
    const main = document.getElementById('main');
    main?.scrollTo(0, 0);
    main?.focus({ preventScroll: true });
  }, [pathname]);

  return (
    <PlanHost>
      <div className={navigation.state === 'idle' ? 'mu-progress' : 'mu-progress mu-progress-on'} aria-hidden />
      <Page
        masthead={<TopBar me={me} toggle={() => setOpen(!open)} isOpen={open} />}
        sidebar={
          <PageSidebar isSidebarOpen={open} id="sidebar">
            <PageSidebarBody><Navigation /></PageSidebarBody>
          </PageSidebar>
        }
        skipToContent={<SkipToContent href="#main" onClick={(e) => (e.preventDefault(), document.getElementById('main')?.focus())}>Skip to content</SkipToContent>}
        mainContainerId="main"
        isContentFilled
        banner={<Banners />}
      >
        <Suspense><Outlet /></Suspense>
      </Page>
      <Shortcuts />
    </PlanHost>
  );
}
