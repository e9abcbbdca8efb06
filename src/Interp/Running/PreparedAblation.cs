namespace Interp;

using Interp.Extending;

/// <summary>An ablation's intervention for one run, with the tensors that it measured.</summary>
internal sealed class PreparedAblation(IIntervention intervention, IDisposable? measured = null) : IDisposable
{
    /// <summary>What to do at the unit.</summary>
    public IIntervention Intervention => intervention;

    /// <inheritdoc/>
    public void Dispose() => measured?.Dispose();
}
