namespace Interp;

using TorchSharp;

/// <summary>Some rows of a batch whose largest latents are known by the smallest of them: relu(z) where it is over that, and so many of those equal to it.</summary>
internal sealed record LatentsAbove(double Limit, long Ties) : LatentActivation
{
    /// <inheritdoc/>
    public override string Name => "batchtopk";

    /// <inheritdoc/>
    public override bool FixesSparsity => true;

    /// <inheritdoc/>
    public override IReadOnlyList<string> OwnWeights => [];

    /// <summary>The rule of each part of a batch.</summary>
    /// <param name="largest">As many of the largest values of each part as the whole batch may have, or all of them.</param>
    /// <param name="count">How many the whole batch may have.</param>
    public static LatentsAbove[] Of(IReadOnlyList<torch.Tensor> largest, long count)
    {
        using var scope = torch.NewDisposeScope();
        var limit = count == 0 ? double.PositiveInfinity : torch.cat([.. largest], 0).topk((int)count, -1, sorted: false).values.min().ToDouble();
        var left = count - largest.Sum(values => (values > limit).sum().ToInt64());
        return [.. largest.Select(values =>
        {
            var ties = Math.Min(left, (values == limit).sum().ToInt64());
            left -= ties;
            return new LatentsAbove(limit, ties);
        })];
    }

    /// <inheritdoc/>
    public override double InitialValue(string weight) => 0;

    /// <inheritdoc/>
    public override DictionaryLatents Apply(LatentInput input)
    {
        var relu = input.Pre.relu();
        return new(input.Pre, relu * Chosen(relu.detach()).to(relu.dtype));
    }

    /// <inheritdoc/>
    public override torch.Tensor Rescaled(string weight, torch.Tensor value, torch.Tensor factor) => value;

    private torch.Tensor Chosen(torch.Tensor values)
    {
        using var scope = torch.NewDisposeScope();
        var chosen = values > Limit;
        if (Limit > 0 && Ties > 0)
            chosen.view(-1).index_fill_(0, (values == Limit).view(-1).nonzero().squeeze(-1).narrow(0, 0, Ties), true);
        return chosen.MoveToOuterDisposeScope();
    }
}
