namespace Interp;

/// <summary>Training as a figure.</summary>
public static class TrainingFigure
{
    /// <summary>Draws the loss over the steps of a training.</summary>
    /// <param name="steps">The steps, in order; all of them, or every tenth.</param>
    /// <param name="title">The title.</param>
    public static Figure LinePlot(this IEnumerable<TrainingStep> steps, string title = "Loss")
    {
        ArgumentNullException.ThrowIfNull(steps);
        TrainingStep[] kept = [.. steps];
        return new[] { new Series("loss", [.. kept.Select(s => (double)s.Step)], [.. kept.Select(s => s.Loss)]) }.LinePlot(title, "step", "loss");
    }
}
