namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>A transcoder in place of an MLP; with an error term it adds what it lacks to the MLP's output.</summary>
internal sealed class TranscoderMlp(IFeedForward original, SparseDictionary dictionary, bool errorTerm) : IFeedForward, IOwnAxes
{
    private readonly DictionarySites sites = new(Interp.Sites.MlpOutRaw);

    /// <inheritdoc/>
    public IEnumerable<Site> Sites => errorTerm
        ? original.Sites.Concat([sites.Pre, sites.Acts, sites.Reconstruction, sites.Error, sites.Output])
        : [sites.Pre, sites.Acts, sites.Reconstruction, sites.Output];

    /// <inheritdoc/>
    public long? Length(Site site, string axis) => sites.Length(site, axis, dictionary) ?? (original as IOwnAxes)?.Length(site, axis);

    /// <inheritdoc/>
    public Tensor Forward(ForwardContext run, int layer, Tensor x)
    {
        using var scope = NewDisposeScope();
        var input = x.to(dictionary.Dtype); // [batch, pos, d_in]
        var (projected, pre) = dictionary.Preactivations(dictionary.Normalised(input).Row);
        var acts = run.Emit(sites.Acts, layer, dictionary.Activated(projected, run.Emit(sites.Pre, layer, pre)));
        var output = run.Emit(sites.Reconstruction, layer, dictionary.DecodeFor(input, acts));
        if (errorTerm)
            output = output + run.Emit(sites.Error, layer, Error(run, layer, x, input));
        return run.Emit(sites.Output, layer, output).to(x.dtype).MoveToOuterDisposeScope();
    }

    // The MLP runs for the error alone: its own hook points fire, and no gradient flows through them.
    private Tensor Error(ForwardContext run, int layer, Tensor x, Tensor input)
    {
        using var noGradient = no_grad();
        var fixedInput = input.detach();
        return original.Forward(run, layer, x.detach()).to(input.dtype) - dictionary.Reconstruct(fixedInput);
    }
}
