import ImagesIcon from '@patternfly/react-icons/dist/esm/icons/images-icon';
import { ClipboardCopy, Label } from '@patternfly/react-core';
import type { IAction } from '@patternfly/react-table';
import { Link, useNavigate } from 'react-router';
import type { ImageSummary } from '../api/types';
import { imageAddress } from '../ui/addresses';
import { Nothing } from '../ui/Failure';
import { bytes, count } from '../ui/format';
import type { Column, Facet } from '../ui/list/columns';
import { imageList } from '../ui/list/kinds';
import { List } from '../ui/list/List';
import { Digest, Name } from '../ui/text';
import { Time } from '../ui/Time';
import { useImageActions } from './actions';

const columns: Column<ImageSummary>[] = [
  { id: 'name', title: 'Name', fixed: true, sort: 'name', width: '30%', value: (i) => i.name, cell: (i) => <><Link to={imageAddress(i.id)} className="mu-main-link"><Name of={i.name} /></Link>{i.damaged > 0 && <> <Label status="danger" isCompact>damaged</Label></>}</> },
  { id: 'machines', width: '7rem', title: 'Machines', number: true, sort: 'machines', value: (i) => i.machines, cell: (i) => (i.machines > 0 ? <Link to={`/machines?image=${encodeURIComponent(i.name)}`}>{count(i.machines)}</Link> : <span className="mu-quiet">0</span>) },
  { id: 'files', width: '6.5rem', title: 'Files', number: true, sort: 'files', value: (i) => i.files, cell: (i) => count(i.files) },
  { id: 'bytes', width: '6rem', title: 'Size', number: true, sort: 'bytes', value: (i) => i.bytes, cell: (i) => bytes(i.bytes) },
  { id: 'digest', width: '10rem', title: 'Digest', value: (i) => i.image, cell: (i) => <Digest of={i.image} /> },
  { id: 'by', width: '8rem', title: 'Made by', sort: 'createdBy', value: (i) => i.createdBy, cell: (i) => <Name of={i.createdBy} /> },
  { id: 'created', width: '7.5rem', title: 'Made', sort: 'createdAt', value: (i) => i.createdAt, cell: (i) => <Time at={i.createdAt} /> },
];

const facets: Facet[] = [
  { id: 'required', title: 'Required', values: ['yes', 'no'], word: (v) => (v === 'yes' ? 'by some machine' : 'by none') },
  { id: 'createdBy', title: 'Made by' },
];

export function ImagesPage() {
  const actions = useImageActions();
  const navigate = useNavigate();
  const rowActions = (image: ImageSummary): IAction[] => [
    { title: 'Require on machines', onClick: () => actions.require(image), isDisabled: !actions.mayRequire },
    { title: 'Verify', onClick: () => actions.verify(image), isDisabled: !actions.mayVerify },
    { title: 'Browse files', onClick: () => void navigate(`${imageAddress(image.id)}?tab=files`) },
    { title: 'Compare', onClick: () => void navigate(`${imageAddress(image.id)}?tab=diff`) },
    { isSeparator: true },
    { title: 'Delete', onClick: () => actions.remove([image]), isDisabled: !actions.mayDelete, isDanger: true },
  ];
  return (
    <List<ImageSummary>
      kind={imageList}
      title="Images"
      one="image"
      many="images"
      columns={columns}
      facets={facets}
      id={(i) => i.id}
      name={(i) => i.name}
      signature={(i) => `${i.machines} ${i.damaged}`}
      rowActions={rowActions}
      {...(actions.mayDelete ? { bulkActions: [{ title: 'Delete', run: actions.remove, isDanger: true }] } : {})}
      empty={
        <Nothing icon={ImagesIcon} title="No image yet">
          <p>An image is the content of a root file system that machines must match. It is read from a directory or a tar archive, where that is:</p>
          <ClipboardCopy isReadOnly isCode hoverTip="Copy" clickTip="Copied" textAriaLabel="Command" className="mu-below">muster images add base/1 --from /srv/roots/base</ClipboardCopy>
        </Nothing>
      }
    />
  );
}
