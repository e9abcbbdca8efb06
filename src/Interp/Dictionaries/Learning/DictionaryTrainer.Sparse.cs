namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Steps in which only chosen latents are multiplied.</content>
public sealed partial class DictionaryTrainer
{
    // Rules that choose few latents, weights as plain float32 in the CPU's memory, and nobody who wants the gradients.
    private bool FitsSparse(Tensor batch) =>
        Options is { ChosenOnly: true, MultiTopK: false, Products: null } && Observer is null
        && Dictionary is { Config: { Activation: TopKLatents or BatchTopKLatents, RescaleByDecoderNorm: false, Normalisation: InputNormalisation.None }, Weights.Skip: null }
        && batch.dtype == ScalarType.Float32 && parameters.All(p => TensorMemory.IsPlain(p.Tensor));

    private DictionaryStep MinimiseChosen(Tensor batch, Tensor target)
    {
        using var noGradient = no_grad();
        var pass = new SparsePass(Dictionary, CurrentActivation(), batch, target, Options);
        if (!double.IsFinite(pass.SquaredError))
            throw NotFinite(pass.SquaredError);
        var fired = tensor(pass.Codes.Fired(Dictionary.Width));
        pass.Differentiate(Dead(fired, batch.shape[0]).data<bool>().ToArray());
        var update = new SparseUpdate(Dictionary, Options, pass);
        var (length, rate) = (update.Length(), Options.RateAt(StepsDone));
        update.Apply(optimizer, AdamStep.At(++optimizer.Steps, Options, ClipFactor(length), rate), (float)NormGuard);
        UpdateThreshold(batchRule => batchRule ? pass.Codes.Smallest().Min() : pass.Codes.Smallest().Average());
        if (Options.Recipe == DictionaryRecipe.SaeLens)
            counter.Add(fired, 1);
        return Report(pass.Terms, pass.Codes.Count / (double)batch.shape[0], pass.Unexplained, pass.DeadCount, rate, length);
    }

    private ArithmeticException NotFinite(double loss) =>
        new($"The loss is {loss} at step {StepsDone}: the activations are too large for {Dictionary.Dtype}, or the learning rate {Options.RateAt(StepsDone):g3} is too high.");

    private void CheckFinite(Tensor rows, string what)
    {
        using var scope = NewDisposeScope();
        var bad = rows.isfinite().all(-1).logical_not().nonzero(); // [bad rows, 1]
        if (bad.shape[0] > 0)
            throw new ArithmeticException(
                $"{bad.shape[0]} of {rows.shape[0]} rows of {what} hold NaN or infinity at step {StepsDone}, the first is row {bad[0].ToInt64()}. The dictionary has not changed: leave those rows out, or run the model in float32.");
    }
}
