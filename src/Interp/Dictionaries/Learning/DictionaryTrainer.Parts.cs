namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <content>Steps that take a large batch in parts, so that little of its width is held at once.</content>
/// <remarks>
/// 1. What a loss must know of the whole batch is found out first, without gradients: the smallest latent that a batch rule chooses, which
/// latents fired where that says who is dead now, what is not explained. 2. Each part's loss is its share of the batch's, and its graph is
/// freed before the next. 3. Gradients add up where the weights keep them. Equal to the whole step but for rounding.
/// </remarks>
public sealed partial class DictionaryTrainer
{
    private const int Parts = 8;

    /// <summary>Values of [batch, width] up to which a batch is taken whole; null for the device's own limit.</summary>
    internal long? WholeUpTo { get; set; }

    // A user's own rule may choose over the batch, and who observes wants to see all of it.
    private bool FitsParts(Tensor batch) => Observer is null && batch.shape[0] >= Parts
        && batch.shape[0] * Dictionary.Width > (WholeUpTo ?? (batch.device.type == DeviceType.CPU ? 1 << 20 : 1 << 24))
        && Dictionary.Config.Activation is TopKLatents or BatchTopKLatents or ReluLatents or GatedLatents or JumpReluLatents;

    private DictionaryStep MinimiseInParts(Tensor batch, Tensor target)
    {
        var (whole, parts, counted) = Survey(batch, target);
        var totals = new StepTotals(Dictionary.Width, Dictionary.Device);
        try
        {
            foreach (var part in parts)
                AddGradients(part, whole, totals);
            using var noGradient = no_grad();
            Tensor?[] gradients = [.. parameters.Select(p => p.Tensor.grad)];
            AddNormGradient(whole.Norms, gradients);
            Project(gradients);
            var (rate, length) = Follow(gradients);
            UpdateThreshold(batchRule => batchRule ? totals.Smallest : totals.SmallestOfRows(whole));
            var dead = counted ? whole.Dead : Dead(totals.Fired, whole.Rows);
            if (Options.Recipe == DictionaryRecipe.SaeLens)
                counter.Add(totals.Fired, 1);
            return Report(totals.Terms, totals.L0(whole), totals.Unexplained(whole), (int)dead.sum().ToInt64(), rate, length);
        }
        finally
        {
            foreach (var (_, tensor) in parameters)
                tensor.grad = null;
        }
    }

    private void AddGradients(BatchPart part, WholeBatch whole, StepTotals totals)
    {
        using var scope = NewDisposeScope();
        autograd.backward(Loss(part, whole, totals));
    }

    // Of the forward pass only what the gradients need is left.
    private Tensor Loss(BatchPart part, WholeBatch whole, StepTotals totals)
    {
        using var scope = NewDisposeScope();
        using var mode = enable_grad();
        var pass = PassOver(part, whole);
        var terms = Losses(pass);
        totals.Add(pass);
        totals.Add(terms);
        return Checked(terms.Total).MoveToOuterDisposeScope();
    }

    private TrainingPass PassOver(BatchPart part, WholeBatch whole) =>
        new(Dictionary, part.Rule, part.Rows, part.Target, Options, StepsDone, whole) { SparsityFactor = SparsityFactor };

    // d|w|/dw = w/|w|; a row of zeros has no direction.
    private void AddNormGradient(Tensor norms, Tensor?[] gradients)
    {
        if (norms.grad is not { } slopes)
            return;
        var decoder = Dictionary.Weights.Decoder;
        var scale = (slopes / norms).masked_fill_(norms == 0, 0).unsqueeze(-1); // [width, 1]
        RowBlocks.Each([gradients[Array.FindIndex(parameters, p => p.Name == "W_dec")]!, decoder, scale], part => part[0].addcmul_(part[1], part[2], 1));
    }

    private (WholeBatch Whole, BatchPart[] Parts, bool Counted) Survey(Tensor batch, Tensor target)
    {
        using var noGradient = no_grad();
        var norms = Dictionary.DecoderNorms().detach().requires_grad_(true); // [width]
        var parts = Divided(batch, target, norms);
        var recipe = Options.Recipe;
        // Those that were silent for long enough up to the end of this batch may be dead, if they do not fire in it.
        var late = recipe != DictionaryRecipe.SaeLens && Dictionary.Config.Activation.FixesSparsity && Options.Auxiliary > 0
            && (counter.Silent + batch.shape[0] >= Options.DeadAfter).any().ToBoolean();
        var aims = recipe == DictionaryRecipe.DictionaryLearning && Dictionary.Config.Activation is JumpReluLatents;
        var whole = new WholeBatch(target)
        {
            Norms = norms,
            Dead = recipe == DictionaryRecipe.SaeLens ? counter.Silent > Options.DeadAfter : zeros([Dictionary.Width], dtype: ScalarType.Bool, device: batch.device),
        };
        if (late || aims)
        {
            var totals = new StepTotals(Dictionary.Width, Dictionary.Device);
            var (errors, above) = LookAt(parts, whole, totals);
            whole.ResidualSpread = (errors - errors.mean([0L], keepdim: true)).square().sum(-1).mean();
            whole.Active = above / (double)batch.shape[0];
            if (late)
                whole.Dead = Dead(totals.Fired, batch.shape[0]);
        }
        return (whole, parts, late || recipe == DictionaryRecipe.SaeLens);
    }

    // What is not explained, [rows, d_out], and how many latents are over their thresholds.
    private (Tensor Errors, long Above) LookAt(BatchPart[] parts, WholeBatch whole, StepTotals totals)
    {
        List<Tensor> errors = [];
        var above = 0L;
        foreach (var part in parts)
        {
            using var scope = NewDisposeScope();
            var pass = PassOver(part, whole);
            totals.Add(pass);
            errors.Add((part.Target - pass.Output).MoveToOuterDisposeScope());
            if (part.Rule is JumpReluLatents jump)
                above += (pass.Latents.Acts > jump.Thresholds(Dictionary.Weights.Latent[jump.OwnWeights[0]])).sum().ToInt64();
        }
        return (cat([.. errors], 0), above);
    }

    private BatchPart[] Divided(Tensor batch, Tensor target, Tensor norms)
    {
        var rule = CurrentActivation();
        var each = (batch.shape[0] + Parts - 1) / Parts;
        var firsts = Enumerable.Range(0, Parts).Select(i => i * each).Where(first => first < batch.shape[0]);
        BatchPart[] parts = [.. firsts.Select(first => (first, count: Math.Min(each, batch.shape[0] - first)))
            .Select(p => new BatchPart(batch.narrow(0, p.first, p.count), target.narrow(0, p.first, p.count), rule))];
        if (rule is not BatchTopKLatents { K: var k })
            return parts;
        var wanted = (long)(k * batch.shape[0]);
        var rules = LatentsAbove.Of([.. parts.Select(part => Largest(part.Rows, wanted, norms))], wanted);
        return [.. parts.Zip(rules, (part, own) => part with { Rule = own })];
    }

    private Tensor Largest(Tensor rows, long wanted, Tensor norms)
    {
        using var scope = NewDisposeScope();
        var relu = Dictionary.Preactivations(Dictionary.Normalised(rows).Row, Options.Products, norms).Pre.relu().view(-1); // [rows * width]
        return relu.topk((int)Math.Min(wanted, relu.numel()), sorted: false).values.MoveToOuterDisposeScope();
    }

    private sealed record BatchPart(Tensor Rows, Tensor Target, LatentActivation Rule);
}
