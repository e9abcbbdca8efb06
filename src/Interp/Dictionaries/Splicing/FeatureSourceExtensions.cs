namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Direct feature attribution by source position, for dictionaries of attention outputs.</summary>
/// <remarks>
/// Kissane et al. 2024. z of a head is Σ_source pattern · v, and a pre-activation is linear in z: with W_enc cut into heads, the share of a head
/// and a source is pattern[head, dest, source] · (v[source, head] · W_enc[head]). Shares and constant add up to the pre-activation exactly.
/// </remarks>
public static class FeatureSourceExtensions
{
    /// <summary>What each source position and head adds to a feature at one destination.</summary>
    /// <param name="run">A run that captured <see cref="Sites.Pattern"/> and <see cref="Sites.V"/> of the layer.</param>
    /// <param name="dictionary">A dictionary of <see cref="Sites.Z"/> (of any output), without row normalisation.</param>
    /// <param name="features">Which latents.</param>
    /// <param name="destination">The position at which they are read; <c>^1</c> is the last.</param>
    /// <param name="prompt">Which prompt.</param>
    /// <exception cref="ArgumentException">The dictionary does not read z, or normalises rows.</exception>
    /// <exception cref="KeyNotFoundException">Pattern or values were not captured.</exception>
    public static FeatureSources FeatureSources(this Run run, SparseDictionary dictionary, IEnumerable<int> features, Index destination, int prompt = 0)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(dictionary);
        var (config, input) = (run.Model.Config, ActivationStream.Known(dictionary.Config.Input));
        if (input.Site != Sites.Z || dictionary.Config.DIn != config.Heads * config.DHead)
            throw new ArgumentException($"Sources are told apart for dictionaries of {Sites.Z}, {config.Heads * config.DHead} wide here, not for this one: {dictionary}.", nameof(dictionary));
        if (dictionary.Config.Normalisation != InputNormalisation.None)
            throw new ArgumentException("The dictionary normalises each row, so its pre-activations are not linear in z: no source has a share of its own.", nameof(dictionary));
        int[] chosen = [.. features];
        var row = destination.GetOffset(run.Input.Rows[prompt].Length);
        using var scope = NewDisposeScope();
        using var noGradient = no_grad();
        var places = tensor(Array.ConvertAll(chosen, f => (long)f), device: dictionary.Device);
        var encoder = dictionary.Weights.Encoder.index_select(1, places); // [head d_head, feature]
        var constant = dictionary.Weights.EncoderBias.index_select(0, places); // [feature]
        if (dictionary.Config.CentreInput)
            constant = constant - dictionary.Weights.DecoderBias.matmul(encoder);
        if (dictionary.Config.RescaleByDecoderNorm && dictionary.DecoderNorms().index_select(0, places) is { } norms)
            (encoder, constant) = (encoder * norms, constant * norms);
        var shares = Shares(run, input.Layer, encoder.view(config.Heads, config.DHead, chosen.Length), row, prompt); // [feature, head, source]
        var axis = new Axis("feature", chosen.Select(f => f.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var provenance = new Provenance { Model = config.ModelName, Method = "direct feature attribution" };
        return new FeatureSources(
            new LabelledArray([axis, new Axis("head", config.Heads), new Axis("source", run.Tokens(prompt).Take(row + 1))], shares.Doubles(), "share of the pre-activation", provenance),
            new LabelledArray([axis], constant.Doubles(), "share of the pre-activation", provenance));
    }

    private static Tensor Shares(Run run, int layer, Tensor encoder, int row, int prompt)
    {
        var (heads, sources) = (encoder.shape[0], row + 1);
        var offset = Offset(run.Input, prompt); // padding on the left
        var pattern = run[Sites.Pattern[layer]][prompt].select(1, offset + row).narrow(1, offset, sources); // [head, source]
        var values = run[Sites.V[layer]][prompt].narrow(0, offset, sources); // [source, kv_head, d_head]
        values = values.repeat_interleave(heads / values.shape[1], 1).transpose(0, 1).to(encoder.dtype); // [head, source, d_head]
        var reads = values.matmul(encoder); // [head, source, feature]
        return (reads * pattern.to(encoder.dtype).unsqueeze(-1)).permute(2, 0, 1); // [feature, head, source]
    }

    /// <summary>The column of a prompt's first real token.</summary>
    internal static int Offset(RunInput input, int row) =>
        input.Side == PaddingSide.Left && input.Rows[row].Length < input.Length ? input.Length - input.Rows[row].Length : 0;
}
