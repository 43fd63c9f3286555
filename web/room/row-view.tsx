import { Component } from 'preact';
import { Message } from './message.tsx';
import { isSameRow, type Row } from './rows.ts';

interface RowViewProps {
  readonly onRetry: (id: string) => void;
  readonly row: Row;
}

/** One line of the list, rendered again only when it shows something else: there are hundreds. */
export class RowView extends Component<RowViewProps> {
  override shouldComponentUpdate(next: Readonly<RowViewProps>): boolean {
    return !isSameRow(this.props.row, next.row) || this.props.onRetry !== next.onRetry;
  }

  override render() {
    const { onRetry, row } = this.props;
    switch (row.type) {
      case 'day':
        return (
          <h2 class="day">
            <span>{row.text}</span>
          </h2>
        );
      case 'notice':
        return (
          <p class="notice" data-testid="notice" data-type={row.kind}>
            {row.text}
          </p>
        );
      case 'message':
        return <Message row={row} onRetry={onRetry} />;
    }
  }
}
