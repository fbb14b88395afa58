import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useEffect, useId, useRef } from "react";

interface ConfirmDialogProps {
  title: string;
  action: string;
  children: ReactNode;
  onConfirm: () => Promise<unknown>;
  onClose: () => void;
}

/** Asks before something is lost. The dialog is the browser's own: it keeps the focus inside. */
export function ConfirmDialog({ title, action, children, onConfirm, onClose }: ConfirmDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const work = useMutation({ mutationFn: onConfirm, onSuccess: onClose });
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      onClose={onClose}
      className="w-[min(28rem,calc(100vw-2rem))] rounded-lg border border-line bg-bg p-5 text-ink shadow-xl backdrop:bg-(--shade)"
    >
      <h2 id={id} className="mb-2 text-base font-semibold">
        {title}
      </h2>
      <div className="grid gap-2">{children}</div>
      {work.error && (
        <p role="alert" className="mt-3 text-bad">
          {work.error.message}
        </p>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Cancel
        </button>
        <button
          type="button"
          className="button button-danger"
          disabled={work.isPending}
          onClick={() => work.mutate()}
        >
          {action}
        </button>
      </div>
    </dialog>
  );
}
