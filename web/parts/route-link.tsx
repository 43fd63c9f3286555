import type { ComponentChildren } from 'preact';
import { pathOf, type Route } from '../route.ts';
import { useServices } from '../services.ts';

interface RouteLinkProps {
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly testId?: string;
  readonly to: Route;
}

/**
 * A link to another page of the application. Clicks with a modifier key or another mouse button are
 * left to the browser, so that "open in a new tab" works.
 */
export function RouteLink({ children, testId, to, ...rest }: RouteLinkProps) {
  const { navigation } = useServices();
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
      return;
    event.preventDefault();
    navigation.go(to);
  };
  return (
    <a href={pathOf(to)} onClick={onClick} data-testid={testId} {...rest}>
      {children}
    </a>
  );
}
