namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A dictionary behind one hook point.</summary>
internal sealed class DictionarySplice(SparseDictionary dictionary, Site site, bool errorTerm) : ISplice, IOwnAxes
{
    private readonly DictionarySites sites = new(site);

    /// <inheritdoc/>
    public IEnumerable<Site> Sites => errorTerm
        ? [sites.Pre, sites.Acts, sites.Reconstruction, sites.Error, sites.Output]
        : [sites.Pre, sites.Acts, sites.Reconstruction, sites.Output];

    /// <inheritdoc/>
    public long? Length(Site site, string axis) => sites.Length(site, axis, dictionary);

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor activation)
    {
        using var scope = NewDisposeScope();
        var x = activation.flatten(2).to(dictionary.Dtype); // [batch, pos, d_in]
        var reconstruction = run.Emit(sites.Reconstruction, layer, dictionary.DecodeFor(x, Acts(run, layer, x)));
        var output = errorTerm ? reconstruction + run.Emit(sites.Error, layer, Error(x)) : reconstruction;
        return run.Emit(sites.Output, layer, output).to(activation.dtype).view(activation.shape).MoveToOuterDisposeScope();
    }

    private Tensor Acts(ForwardContext run, int layer, Tensor x)
    {
        var (projected, pre) = dictionary.Preactivations(dictionary.Normalised(x).Row);
        return run.Emit(sites.Acts, layer, dictionary.Activated(projected, run.Emit(sites.Pre, layer, pre)));
    }

    // Of the dictionary as it is: edits of latents show in the output, not in the error.
    private Tensor Error(Tensor x)
    {
        using var noGradient = no_grad();
        var fixedX = x.detach();
        return fixedX - dictionary.Reconstruct(fixedX);
    }
}
