namespace Interp;

using Interp.Extending;
using TorchSharp;
using static TorchSharp.torch;

/// <summary>Fits and scores a probe and its controls, fold by fold.</summary>
/// <remarks>
/// 1. In each fold the method is fitted to the other folds' rows; what it chooses (a penalty) it chooses there. 2. Controls are fitted to the same
/// rows with that choice held: shuffled labels (groups of one label keep one), random features of the same number, the control task. 3. Each
/// scores the fold's own rows. 4. The probe that is kept is fitted to all rows.
/// </remarks>
internal sealed class ProbeCrossValidation(IProbeMethod method, ProbeData data, int[] folds, int[]? keys, ProbeSettings settings, CancellationToken cancellation)
{
    private sealed record Control(ProbeData Data, ProbePredictions Predictions);

    public ProbeFit Run()
    {
        using var scope = NewDisposeScope();
        var shuffled = Enumerable.Range(0, settings.Shuffles).Select(i => Of(data.With(Shuffled(settings.Seed + i)))).ToArray();
        var random = settings.RandomFeatures ? Of(data.With(Noise())) : null;
        var task = settings.ControlTask && keys is not null && TaskLabels() is { } labels ? Of(data.With(labels)) : null;
        var main = Of(data);
        Control[] controls = [.. shuffled, .. new[] { random, task }.OfType<Control>()];
        for (var fold = 0; fold <= folds.Max(); fold++)
            Fold(fold, main, controls);
        var probe = method.Fit(data, cancellation);
        return new ProbeFit(probe.Named(data.Name), Evaluated(main.Predictions, shuffled, random, task));
    }

    private Control Of(ProbeData of) => new(of, new ProbePredictions(of.Labels, folds));

    private void Fold(int fold, Control main, Control[] controls)
    {
        cancellation.ThrowIfCancellationRequested();
        int[] train = [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] != fold)];
        int[] test = [.. Enumerable.Range(0, folds.Length).Where(i => folds[i] == fold)];
        var settled = method.Settled(Fit(method, main, train, test));
        foreach (var control in controls)
            Fit(settled, control, train, test);
    }

    private LinearProbe Fit(IProbeMethod by, Control control, int[] train, int[] test)
    {
        using var scope = NewDisposeScope();
        var probe = by.Fit(control.Data.Rows(train), cancellation);
        control.Predictions.Take(probe, control.Data.Rows(test), test);
        return probe;
    }

    private ProbeEvaluation Evaluated(ProbePredictions main, Control[] shuffled, Control? random, Control? task)
    {
        var classes = !data.Labels.IsNumeric;
        var (probability, came) = classes ? main.Calibration() : ([], []);
        return new ProbeEvaluation
        {
            Measure = classes ? "AUROC" : "R2", Score = main.Main(), Interval = main.Interval(data.Groups, settings.Resamples, settings.Seed),
            NullError = data.Labels.Classes.Count == 2 && data.Groups is null ? ProbeMetrics.AurocNullError([.. data.Labels.Codes.ToArray().Select(c => c == 1)], folds) : double.NaN,
            BalancedAccuracy = main.Balanced(), Accuracy = main.Accuracy(), Brier = main.Brier(),
            CalibrationError = classes ? ProbeMetrics.CalibrationError(probability, came) : double.NaN,
            Reliability = classes ? ProbeMetrics.Reliability(probability, came) : null,
            Shuffled = shuffled.Select(s => s.Predictions.Main()).DefaultIfEmpty(double.NaN).Average(),
            RandomFeatures = random?.Predictions.Main() ?? double.NaN,
            ControlTask = task?.Predictions.Accuracy() ?? double.NaN,
            RowScores = data.Labels.Classes.Count > 2 ? [] : [.. main.Scores.Select(s => s[0])], Folds = folds,
        };
    }

    // Where every group has one label, groups exchange theirs; else rows do. A draw that leaves a training side with one class is drawn again.
    private ProbeLabels Shuffled(int seed)
    {
        var random = new Random(seed);
        var whole = data.Groups is not null && !data.Labels.IsNumeric && OneLabelEach(data.Groups);
        for (var attempt = 0; attempt < 50; attempt++)
            if (Usable(whole ? Exchanged(data.Groups!, random) : data.Labels.Rows(Permutation(random))) is { } labels)
                return labels;
        return data.Labels.Rows(Permutation(random));
    }

    private ProbeLabels Exchanged(IReadOnlyList<int> groups, Random random)
    {
        int[] names = [.. groups.Distinct()];
        var label = Enumerable.Range(0, folds.Length).GroupBy(row => groups[row]).ToDictionary(g => g.Key, g => data.Labels.Codes[g.First()]);
        int[] order = [.. names];
        random.Shuffle(order);
        var given = names.Zip(order).ToDictionary(pair => pair.First, pair => label[pair.Second]);
        return data.Labels.Recoded([.. groups.Select(g => given[g])]);
    }

    private bool OneLabelEach(IReadOnlyList<int> groups) =>
        Enumerable.Range(0, folds.Length).GroupBy(row => groups[row]).All(g => g.Select(row => data.Labels.Codes[row]).Distinct().Take(2).Count() == 1);

    private int[] Permutation(Random random)
    {
        int[] rows = [.. Enumerable.Range(0, folds.Length)];
        random.Shuffle(rows);
        return rows;
    }

    private Tensor Noise()
    {
        using var generator = new Generator((ulong)settings.Seed + 1, CPU);
        return randn([data.RowCount, data.FeatureCount], dtype: ScalarType.Float32, generator: generator).to(data.Features.device);
    }

    // A class for each key, drawn as the classes are frequent; null where no draw gives every training side two classes.
    private ProbeLabels? TaskLabels()
    {
        if (data.Labels.IsNumeric || keys!.Distinct().Take(2).Count() < 2)
            return null;
        var random = new Random(settings.Seed);
        for (var attempt = 0; attempt < 50; attempt++)
        {
            var drawn = keys!.Distinct().ToDictionary(key => key, _ => data.Labels.Codes[random.Next(folds.Length)]);
            if (Usable(data.Labels.Recoded([.. keys!.Select(key => drawn[key])])) is { } labels)
                return labels;
        }
        return null;
    }

    private ProbeLabels? Usable(ProbeLabels labels) =>
        labels.IsNumeric || (labels.Codes.ToArray().Distinct().Count() > 1 && Splits.EveryTrainingSideHasAll(folds, labels)) ? labels : null;
}
