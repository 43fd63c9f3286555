import { Component } from 'preact';
import { useServices } from '../../services.ts';
import { HistoryTop } from './history-top.tsx';
import { Message } from './message.tsx';
import type { RowActions } from './row-actions.ts';
import { isSameRow, type NoticeRow, type Row } from './rows.ts';

interface RowViewProps {
  readonly actions: RowActions;
  readonly row: Row;
}

/** One row of the list. With hundreds of rows, each renders again only when it looks different. */
export class RowView extends Component<RowViewProps> {
  override shouldComponentUpdate(next: Readonly<RowViewProps>): boolean {
    return !isSameRow(this.props.row, next.row) || this.props.actions !== next.actions;
  }

  override render() {
    const { actions, row } = this.props;
    switch (row.type) {
      case 'day':
        return (
          <h2 class="day" data-fleeting>
            <span>{row.text}</span>
          </h2>
        );
      case 'gap':
        return <GapMark />;
      case 'top':
        return <HistoryTop state={row.state} onRetry={actions.retryOlder} />;
      case 'notice':
        return (
          <p class="notice" data-testid="notice" data-type={row.kind}>
            <NoticeText row={row} />
          </p>
        );
      case 'message':
        return <Message row={row} actions={actions} />;
    }
  }
}

/** The name is isolated: one from right to left does not turn the words that follow it. */
function NoticeText({ row: { sender, text } }: { readonly row: NoticeRow }) {
  if (!text.startsWith(sender)) return <bdi>{text}</bdi>;
  return (
    <>
      <bdi data-testid="notice-sender">{sender}</bdi>
      {text.slice(sender.length)}
    </>
  );
}

function GapMark() {
  const { texts } = useServices();
  return (
    <p class="gap" data-testid="gap">
      {texts.gap}
    </p>
  );
}
