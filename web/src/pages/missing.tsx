import { linkTo } from '../lib/route';
import { Empty, Page } from '../ui/parts';

export function Missing() {
  return (
    <Page title="Nothing here">
      <Empty title="This place is none of the page.">
        <a href={linkTo()}>Back to the overview</a>
      </Empty>
    </Page>
  );
}
