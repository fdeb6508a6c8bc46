import { Breadcrumb, BreadcrumbItem, Dropdown, DropdownItem, DropdownList, MenuToggle, PageSection, Skeleton, Tab, Tabs, TabTitleText, Title, Badge } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import SearchIcon from '@patternfly/react-icons/dist/esm/icons/search-icon';
import { useEffect, useState, type ReactNode } from 'react';
import { Link, useNavigate, useSearchParams } from 'react-router';
import { Problem } from '../../api/client';
import { count } from '../format';
import { Failure, Nothing } from '../Failure';
import { Name } from '../text';

export interface ObjectTab {
  id: string;
  title: string;
  number?: number | undefined;
  content: () => ReactNode;
}

export interface ObjectPageProps {
  /** Not known before the object is. */
  name: string | undefined;
  /** What kind of thing it is, where it has no name yet. */
  kind: string;
  parent: { to: string; title: string };
  state?: ReactNode;
  /** One line: why it is as it is. */
  why?: ReactNode;
  buttons?: ReactNode;
  more?: { title: string; run: () => void; isDisabled?: boolean; isDanger?: boolean }[];
  tabs: ObjectTab[];
  query: { isPending: boolean; isError: boolean; error: unknown; data: unknown; refetch: () => unknown };
}

/** The page kind "object": header, why, verbs, tabs. The open tab stands in the address. */
export function ObjectPage({ name, kind, parent, state, why, buttons, more = [], tabs, query }: ObjectPageProps) {
  const [search, setSearch] = useSearchParams();
  const [open, setOpen] = useState(false);
  const navigate = useNavigate();
  // Deleted while one looks at it is no failure, and what was known of it is not shown as if it still were so.
  const gone = query.error instanceof Problem && query.error.status === 404;
  const active = tabs.find((tab) => tab.id === search.get('tab')) ?? tabs[0];
  useEffect(() => {
    document.title = name === undefined ? `${parent.title} · Muster` : `${name} · ${parent.title} · Muster`;
  }, [name, parent.title]);

  return (
    <>
      <PageSection hasBodyWrapper={false} className="mu-object">
        <Breadcrumb aria-label="Where you are">
          <BreadcrumbItem render={({ className }) => <Link className={className} to={parent.to}>{parent.title}</Link>} />
          <BreadcrumbItem isActive>{name === undefined ? kind : <Name of={name} />}</BreadcrumbItem>
        </Breadcrumb>
        <div className="mu-title">
          <div className="mu-object-name">
            {query.isPending
              ? <Skeleton width="18rem" fontSize="2xl" screenreaderText="Loading" />
              : <Title headingLevel="h1" className="mu-break">{name === undefined ? `Unknown ${kind}` : <Name of={name} />}</Title>}
            {!gone && state}
          </div>
          {query.data !== undefined && !gone && (
            <div className="mu-buttons">
              {buttons}
              {more.length > 0 && (
                <Dropdown
                  isOpen={open}
                  onOpenChange={setOpen}
                  onSelect={() => setOpen(false)}
                  popperProps={{ position: 'right' }}
                  toggle={(ref) => <MenuToggle ref={ref} variant="plain" aria-label="More actions" isExpanded={open} onClick={() => setOpen(!open)} icon={<EllipsisVIcon />} />}
                >
                  <DropdownList>
                    {more.map((verb) => <DropdownItem key={verb.title} onClick={verb.run} isDisabled={verb.isDisabled ?? false} isDanger={verb.isDanger ?? false}>{verb.title}</DropdownItem>)}
                  </DropdownList>
                </Dropdown>
              )}
            </div>
          )}
        </div>
        {query.isPending ? <Skeleton width="50%" /> : !gone && why && <p className="mu-why">{why}</p>}
      </PageSection>
      {gone && (
        <PageSection hasBodyWrapper={false}>
          <Nothing icon={SearchIcon} title={`This ${kind} is not here`} action={() => void navigate(parent.to)} actionText={`All ${parent.title.toLowerCase()}`}>
            It was deleted, or it was never here under this name.
          </Nothing>
        </PageSection>
      )}
      {query.isError && !gone && (
        <PageSection hasBodyWrapper={false}>
          <Failure what={query.data === undefined ? `this ${kind}` : 'the present state; below is the last that was read'} error={query.error} retry={() => void query.refetch()} />
        </PageSection>
      )}
      {!gone && !(query.isError && query.data === undefined)
        && (
          <>
            <PageSection hasBodyWrapper={false} type="tabs" className="mu-tabs">
              <Tabs
                activeKey={active?.id ?? ''}
                // What belongs to one tab (its filter, its path) ends with it.
                onSelect={(_, id) => setSearch(new URLSearchParams(id === tabs[0]?.id ? {} : { tab: String(id) }))}
                aria-label={`About this ${kind}`}
                usePageInsets
              >
                {tabs.map((tab) => (
                  <Tab
                    key={tab.id}
                    eventKey={tab.id}
                    tabContentId="tab-content"
                    title={<TabTitleText>{tab.title}{tab.number ? <> <Badge isRead>{count(tab.number)}</Badge></> : null}</TabTitleText>}
                  />
                ))}
              </Tabs>
            </PageSection>
            <PageSection hasBodyWrapper={false} isFilled id="tab-content" role="tabpanel" aria-label={active?.title ?? ''} className="mu-tab">
              {active?.content()}
            </PageSection>
          </>
        )}
    </>
  );
}
