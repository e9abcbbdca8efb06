namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Applies the edits of one hook point in order, then captures what goes on.</summary>
internal sealed class RunListener(RunInput input, bool lenient, bool gradients) : Listener
{
    private readonly List<BoundEdit> edits = [];
    private readonly List<CaptureSlot> captures = [];

    /// <inheritdoc/>
    public override bool Changes => edits.Count > 0 || (gradients && captures.Count > 0);

    public void Add(BoundEdit edit) => edits.Add(edit);

    public void Add(CaptureSlot slot) => captures.Add(slot);

    /// <inheritdoc/>
    public override Tensor Hear(Tensor activation, ForwardContext run, HookName name)
    {
        if (edits.Count > 0)
            activation = Edited(activation, run, name);
        if (captures.Count == 0)
            return activation;
        if (gradients)
            return Differentiated(activation, run);
        foreach (var slot in captures)
            slot.Take(activation, input, run.PastLength, keepGraph: false);
        return activation;
    }

    // The captured tensor is a node of its own on the way: its gradient is of what follows this hook point alone.
    private Tensor Differentiated(Tensor activation, ForwardContext run)
    {
        var node = activation.requires_grad ? activation.alias() : activation.detach().requires_grad_(true);
        captures[0].Take(node, input, run.PastLength, keepGraph: true);
        return node.alias();
    }

    private Tensor Edited(Tensor activation, ForwardContext run, HookName name)
    {
        using var scope = NewDisposeScope();
        var result = activation;
        var owned = false;
        foreach (var (edit, rows) in edits)
        {
            if (rows is { Start: < 0 })
                continue;
            if (rows is null && edit.Unit.IsWhole)
            {
                result = Whole(edit, result, run, name);
                owned = false;
                continue;
            }
            if (!owned)
                (result, owned) = (result.clone(), true);
            foreach (var target in rows is null ? Blocks(result) : [result.narrow(0, rows.Start, rows.Count)])
                Write(edit, target, run, name);
        }
        return ReferenceEquals(result, activation) ? activation : result.MoveToOuterDisposeScope();
    }

    // Edits on all rows act on each variant's prompts as they would in a run of its own.
    private Tensor Whole(Edit edit, Tensor activation, ForwardContext run, HookName name)
    {
        var blocks = Blocks(activation).Select(block => Checked(edit.Intervention.Apply(block, Context(edit, run, name)), block, edit)).ToArray();
        return blocks.Length == 1 ? blocks[0] : cat(blocks, 0);
    }

    private Tensor[] Blocks(Tensor activation)
    {
        var copies = activation.shape[0] / input.Batch;
        return copies <= 1 ? [activation] : [.. Enumerable.Range(0, (int)copies).Select(i => activation.narrow(0, i * input.Batch, input.Batch))];
    }

    private void Write(Edit edit, Tensor target, ForwardContext run, HookName name) => Write(edit, target, run, name, input);

    private void Write(Edit edit, Tensor target, ForwardContext run, HookName name, RunInput rows)
    {
        if (Selection.Resolve(edit.Unit, target.shape, rows, run.PastLength, lenient) is not { } selection)
            return;
        if (selection.IsRagged)
        {
            for (var row = 0; row < rows.Batch; row++)
                Write(edit, target.narrow(0, row, 1), run, name, rows.Slice(row, 1));
            return;
        }
        var selected = selection.Read(target);
        if (is_grad_enabled())
            selected = selected.clone(); // autograd may keep what the intervention reads; the write below must not change it
        selection.Write(target, Checked(edit.Intervention.Apply(selected, Context(edit, run, name)), selected, edit));
    }

    private static InterventionContext Context(Edit edit, ForwardContext run, HookName name) => new(name, edit.Unit, run.PastLength);

    private static Tensor Checked(Tensor values, Tensor selected, Edit edit)
    {
        if (values is null)
            throw new InvalidOperationException($"The intervention '{edit.Intervention}' at {edit.Unit} returned null; return the unchanged tensor to leave the activation alone.");
        var (given, wanted) = (values.shape, selected.shape);
        var fits = given.Length <= wanted.Length;
        for (var i = 1; fits && i <= given.Length; i++)
            fits = given[^i] == 1 || given[^i] == wanted[^i];
        if (!fits)
            throw new ArgumentException(
                $"The intervention '{edit.Intervention}' gave [{string.Join(", ", given)}] for {edit.Unit}, which is [{string.Join(", ", wanted)}] here. Give that shape, or one that broadcasts to it.");
        return given.Length == wanted.Length && values.numel() == selected.numel() ? values : values.expand(wanted);
    }
}
