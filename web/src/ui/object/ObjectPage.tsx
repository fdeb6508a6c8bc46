import { Breadcrumb, BreadcrumbItem, Dropdown, DropdownItem, DropdownList, MenuToggle, PageSection, Skeleton, Tab, Tabs, TabTitleText, Title, Badge } from '@patternfly/react-core';
import EllipsisVIcon from '@patternfly/react-icons/dist/esm/icons/ellipsis-v-icon';
import { useEffect, useState, type ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { count } from '../format';
import { Failure } from '../Failure';
import { Name } from '../text';

export interface ObjectTab {
  id: string;
  title: string;
  number?: number | undefined;
  content: () => ReactNode;
}

export interface ObjectPageProps {
  name: string;
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
export function ObjectPage({ name, parent, state, why, buttons, more = [], tabs, query }: ObjectPageProps) {
  const [search, setSearch] = useSearchParams();
  const [open, setOpen] = useState(false);
  const active = tabs.find((tab) => tab.id === search.get('tab')) ?? tabs[0];
  useEffect(() => {
    document.title = `${name} · ${parent.title} · Muster`;
  }, [name, parent.title]);

  return (
    <>
      <PageSection hasBodyWrapper={false} className="mu-object">
        <Breadcrumb aria-label="Where you are">
          <BreadcrumbItem render={({ className }) => <Link className={className} to={parent.to}>{parent.title}</Link>} />
          <BreadcrumbItem isActive><Name of={name} /></BreadcrumbItem>
        </Breadcrumb>
        <div className="mu-title">
          <div className="mu-object-name">
            <Title headingLevel="h1" className="mu-break"><Name of={name} /></Title>
            {query.isPending ? <Skeleton width="6rem" screenreaderText="Loading" /> : state}
          </div>
          {query.data !== undefined && (
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
        {query.isPending ? <Skeleton width="50%" /> : why && <p className="mu-why">{why}</p>}
      </PageSection>
      {query.isError && query.data === undefined
        ? <PageSection hasBodyWrapper={false}><Failure what={name} error={query.error} retry={() => void query.refetch()} /></PageSection>
        : (
          <>
            <PageSection hasBodyWrapper={false} type="tabs" className="mu-tabs">
              <Tabs
                activeKey={active?.id ?? ''}
                // What belongs to one tab (its filter, its path) ends with it.
                onSelect={(_, id) => setSearch(new URLSearchParams(id === tabs[0]?.id ? {} : { tab: String(id) }))}
                aria-label={`About ${name}`}
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
