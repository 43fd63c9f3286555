import type { NameProblem } from '../profile.ts';

const NAME_PROBLEMS: Record<NameProblem, string> = {
  EMPTY: 'Please enter a name.',
  FORBIDDEN_CHARACTER:
    'This name contains a hidden character that is not allowed. Type it instead of pasting it.',
  INVISIBLE: 'A name needs at least one visible character.',
  TOO_LONG: 'A name can have up to 50 characters.',
};

const REFUSALS: Readonly<Record<string, string>> = {
  BAD_NAME: 'The server does not accept this name. Please choose another one.',
  BAD_MESSAGE: 'A message must have between 1 and 4,000 characters.',
  BAD_ROOM_ID: 'This is not a valid room number or ID.',
  BAD_SENDER:
    'The server does not accept your name. Change it on the page with all rooms, then enter again.',
  BODY_TOO_LARGE: 'This message is too large for the server. Split it into several messages.',
  HOST_REFUSED:
    'The server cannot be used under this address. Ask its operator for the correct one.',
  ID_TAKEN: 'The server already has another message with the same ID. Send this one again.',
  RATE_LIMITED: 'Too many requests in a short time. Wait a moment, then try again.',
  STORE_FAILED: 'The server cannot save messages right now. Try again later.',
  STORE_FULL: 'The server’s storage is full. Try again later.',
  TOO_MANY_MEMBERSHIPS: 'You have reached the maximum number of rooms. Leave one, then try again.',
  TOO_MANY_NEW_ROOMS:
    'Too many new rooms were created from your network. Enter an existing room, or try again in an hour.',
  TOO_MANY_REFUSALS: 'Too many requests were refused in a short time.',
  TOO_MANY_ROOMS:
    'The server has reached its maximum number of rooms. Enter an existing room instead.',
  UNSURE:
    'This was sent a long time ago, but it is unclear whether it arrived. If it did not, send it again.',
};

const counted = (count: number, noun: string): string =>
  count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
const refusal = (code: string, text: string): string =>
  REFUSALS[code] ?? `The server refused this (${code}): ${text}`;

/** All texts of the page in English. The other languages have the same keys. */
export const en = {
  appName: 'Stomping Ground',
  awayConnecting: 'Connection lost. Reconnecting…',
  awayFirst: 'Connecting…',
  awayInLobby: 'Connection lost. Unsent messages will go out when you return to their room.',
  awayRefused: (code: string, text: string) =>
    `The server closed the connection. ${REFUSALS[code] ?? text}`,
  awayWaiting: 'Connection lost. Your messages will be sent once you are reconnected.',
  backToLobby: 'All rooms',
  composerLabel: 'Message',
  composerPlaceholder: 'Write a message',
  counter: (left: number) =>
    left >= 0 ? `${counted(left, 'character')} left` : `${counted(-left, 'character')} too many`,
  createRoom: 'Create',
  createRoomHint: 'It gets the next free number.',
  createRoomLabel: 'Name of a new room',
  discard: 'Discard',
  enterAs: 'Enter',
  enterTitle: (room: string) => `Choose a name to enter ${room}`,
  failed: (code: string, text: string) =>
    code === 'UNSURE' ? refusal(code, text) : `Not sent. ${refusal(code, text)}`,
  gap: 'Some messages are missing here, because the server no longer has them.',
  historyBeginning: 'This is the beginning of the conversation.',
  historyExpired: 'Older messages are no longer available.',
  historyFull: 'This page shows up to 2,000 messages. Older ones are still on the server.',
  leaveRoom: 'Leave',
  lobbyIntro: 'Choose a room to chat in, or open one by its number.',
  messagesLabel: 'Messages',
  moreRooms: (count: number) => `and ${counted(count, 'more room')}`,
  nameHint: 'Others see this name with your messages.',
  nameLabel: 'Your name',
  nameProblems: NAME_PROBLEMS,
  newMessages: (count: number) => counted(count, 'new message'),
  noRooms: 'There are no rooms yet. Open any number to start one.',
  olderFailed: 'Older messages could not be loaded.',
  olderLoading: 'Loading messages…',
  openRoom: 'Open',
  openRoomLabel: 'Open a room by number or ID',
  openRoomProblem: 'Use 1 to 64 letters A–Z, digits, hyphens or underscores.',
  outboxFull: 'Too many messages are waiting to be sent. Try again once the connection is back.',
  pageTitle: (room: string) => `${room} · Stomping Ground`,
  people: (count: number) => (count === 1 ? '1 person' : `${count} people`),
  peopleLabel: 'People in this room',
  peopleMore: (count: number) => `and ${count} more`,
  refusal,
  retry: 'Send again',
  retryIn: (seconds: number) => `Next attempt in ${seconds} s`,
  retryOlder: 'Try again',
  roomListLoading: 'Loading rooms…',
  roomTitle: (roomId: string) => `Room ${roomId}`,
  rooms: 'Rooms',
  send: 'Send',
  sending: 'Sending…',
  sent: 'Sent',
  tooLong: 'This message is too long. Please shorten it.',
  tryNow: 'Try now',
  unknownPage: 'Page not found',
  unknownPageHint: 'Check the address, or go to the list of rooms.',
  unreachable: 'The server could not be reached. Please try again.',
  waiting: 'Waiting to be sent',
  you: 'you',
};

/** The texts that every language of the page has. */
export type Texts = typeof en;
