namespace Interp;

/// <summary>The experiments of a sweep and the axes of its result.</summary>
internal interface IPatchCells
{
    /// <summary>The axes of the result.</summary>
    IReadOnlyList<Axis> Axes { get; }

    /// <summary>The experiments, in the result's order.</summary>
    IReadOnlyList<PatchCell> Cells { get; }

    /// <summary>The whole sites at the layers that the experiments change.</summary>
    IReadOnlyList<Unit> Wholes { get; }

    /// <summary>For each experiment whether its values differ between two runs.</summary>
    bool[] Differing(ActivationCache source, ActivationCache own);
}
