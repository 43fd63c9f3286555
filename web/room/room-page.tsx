import { useServices } from '../services.ts';
import { EnterForm } from './enter-form.tsx';
import { Room } from './room.tsx';

/** A room by its address: with a name one is in it, without one is asked for a name first. */
export function RoomPage({ roomId }: { readonly roomId: string }) {
  const sender = useServices().profile.name.value;
  if (sender === '') return <EnterForm roomId={roomId} />;
  return <Room roomId={roomId} sender={sender} />;
}
