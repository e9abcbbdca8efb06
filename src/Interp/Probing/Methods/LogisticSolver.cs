namespace Interp;

using TorchSharp;
using static TorchSharp.torch;

/// <summary>Many logistic regressions on the same rows at once: for each its own targets, row weights and L2 penalty.</summary>
/// <remarks>
/// 1. Problem b minimises sum_i v_bi loss(y_bi, w x_i + c) + penalty_b / 2 |w|^2; c is free. 2. Newton's direction comes from conjugate gradients on
/// Hessian-vector products, all problems in two matrix products a step. 3. A backtracking search keeps the loss falling. 4. It ends when every
/// gradient is below 1e-9. Binary problems have one output and the sigmoid, others one per class and the softmax. All in float64; no chance.
/// </remarks>
internal sealed class LogisticSolver
{
    private const double Tolerance = 1e-9;
    private const int NewtonSteps = 100;
    private const int ConjugateSteps = 250;
    private readonly Tensor x;
    private readonly Tensor targets;
    private readonly Tensor rowWeights;
    private readonly Tensor penalties;
    private readonly long problems;
    private readonly long outputs;

    /// <summary>Problems on rows.</summary>
    /// <param name="features">[rows, features], float64.</param>
    /// <param name="targets">[problem, output, row]: 1 where the row is of the output's class.</param>
    /// <param name="rowWeights">[problem, row], each problem's summing to 1.</param>
    /// <param name="penalties">[problem].</param>
    public LogisticSolver(Tensor features, Tensor targets, Tensor rowWeights, Tensor penalties)
    {
        (problems, outputs) = (targets.shape[0], targets.shape[1]);
        x = cat([features, ones([features.shape[0], 1], ScalarType.Float64, features.device)], 1); // [row, feature + 1]
        this.targets = targets;
        this.rowWeights = rowWeights.unsqueeze(1); // [problem, 1, row]
        var free = zeros([1], ScalarType.Float64, features.device);
        var mask = cat([ones([features.shape[1]], ScalarType.Float64, features.device), free]);
        this.penalties = penalties.view(-1, 1, 1) * mask; // [problem, 1, feature + 1]
    }

    /// <summary>The solutions, [problem, output, feature + 1], the constant last.</summary>
    public Tensor Solve(CancellationToken cancellation)
    {
        var parameters = zeros([problems, outputs, x.shape[1]], ScalarType.Float64, x.device);
        for (var step = 0; step < NewtonSteps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var (loss, probabilities) = Loss(parameters);
            var gradient = Back((probabilities - targets) * rowWeights) + parameters * penalties;
            var norms = Norm(gradient);
            if (norms.max().ToDouble() <= Tolerance)
                break;
            var next = Searched(parameters, loss, gradient, Direction(gradient, norms, probabilities));
            if ((next - parameters).abs().max().ToDouble() == 0)
                break;
            parameters = next.MoveToOuterDisposeScope();
        }
        return parameters;
    }

    // Scores of all rows, [problem, output, row].
    private Tensor Scores(Tensor parameters) => parameters.view(problems * outputs, -1).matmul(x.t()).view(problems, outputs, -1);

    // What scores pass back to parameters, [problem, output, feature + 1].
    private Tensor Back(Tensor scores) => scores.view(problems * outputs, -1).matmul(x).view(problems, outputs, -1);

    private static Tensor Norm(Tensor vectors) => Dot(vectors, vectors).sqrt();

    private static Tensor Dot(Tensor a, Tensor b) => (a * b).sum([1L, 2L], keepdim: true); // [problem, 1, 1]

    private (Tensor Loss, Tensor Probabilities) Loss(Tensor parameters)
    {
        var scores = Scores(parameters);
        var perRow = outputs == 1
            ? nn.functional.softplus(scores) - targets * scores
            : scores.logsumexp(1, keepdim: true) - (targets * scores).sum(1L, keepdim: true);
        var data = (perRow * rowWeights).sum([1L, 2L], keepdim: true);
        var loss = data + Dot(parameters * penalties, parameters) * 0.5; // [problem, 1, 1]
        return (loss, outputs == 1 ? scores.sigmoid() : scores.softmax(1));
    }

    private Tensor Curvature(Tensor vectors, Tensor probabilities)
    {
        var scores = Scores(vectors);
        var bent = outputs == 1
            ? probabilities * (1 - probabilities) * scores
            : probabilities * (scores - (probabilities * scores).sum(1L, keepdim: true));
        return Back(bent * rowWeights) + vectors * penalties;
    }

    private Tensor Direction(Tensor gradient, Tensor norms, Tensor probabilities)
    {
        var wanted = (norms * norms.sqrt().clamp_max(0.1)).clamp_min(0.1 * Tolerance); // loose far from the solution; a problem that is solved rests
        var direction = zeros_like(gradient);
        var residual = -gradient;
        var search = residual.clone();
        var power = Dot(residual, residual);
        for (var i = 0; i < ConjugateSteps; i++)
        {
            using var scope = NewDisposeScope();
            var open = power.sqrt() > wanted;
            if (!open.any().ToBoolean())
                break;
            var bent = Curvature(search, probabilities);
            var along = Dot(search, bent);
            var length = where(open.logical_and(along > 0), power / along, zeros_like(power));
            direction.add_(search * length);
            residual.sub_(bent * length);
            var next = Dot(residual, residual);
            search.mul_(where(power > 0, next / power, zeros_like(power))).add_(residual);
            power.copy_(next);
        }
        return direction;
    }

    private Tensor Searched(Tensor parameters, Tensor loss, Tensor gradient, Tensor direction)
    {
        var slope = Dot(gradient, direction);
        var slack = loss.abs() * 1e-15; // below this the loss cannot tell two points apart
        var length = ones_like(loss);
        for (var i = 0; i < 30; i++)
        {
            using var scope = NewDisposeScope();
            var (trial, _) = Loss(parameters + direction * length);
            var bad = trial > loss + slope * length * 1e-4 + slack;
            if (!bad.any().ToBoolean())
                break;
            length.copy_(where(bad, length * 0.5, length));
        }
        return parameters + direction * length;
    }
}
