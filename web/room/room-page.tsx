import { useServices } from '../services.ts';
import { EnterForm } from './enter-form.tsx';
import { Room } from './room.tsx';

/** The page of one room. A visitor without a name is asked for one first. */
export function RoomPage({ roomId }: { readonly roomId: string }) {
  const sender = useServices().profile.name.value;
  if (sender === '') return <EnterForm roomId={roomId} />;
  return <Room roomId={roomId} sender={sender} />;
}
