namespace Interp;

using System.Collections.Immutable;

/// <summary>The ablations of one run, measured: it owns what they measured.</summary>
internal sealed class PreparedEdits : IDisposable
{
    private readonly List<PreparedAblation> prepared = [];

    /// <summary>The request with every ablation turned into an intervention.</summary>
    public RunRequest Prepare(RunRequest request) => request with
    {
        Edits = Prepare(request.Edits),
        Variants = [.. request.Variants.Select(v => v.Edits.Any(e => e.Intervention is AblationEdit) ? new Variant(v.Name, Prepare(v.Edits)) : v)],
    };

    /// <inheritdoc/>
    public void Dispose() => prepared.ForEach(p => p.Dispose());

    private ImmutableArray<Edit> Prepare(ImmutableArray<Edit> edits) => edits.Any(e => e.Intervention is AblationEdit) ? [.. edits.Select(Prepare)] : edits;

    private Edit Prepare(Edit edit)
    {
        if (edit.Intervention is not AblationEdit { Ablation: var ablation })
            return edit;
        var ready = ablation.Prepare(edit.Unit);
        prepared.Add(ready);
        return edit with { Intervention = ready.Intervention };
    }
}
